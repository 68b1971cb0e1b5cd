-- Each case: "-- name => the tables it names", then the statement, to the next such line.
-- a constant => (none)
SELECT 1
-- a table => people
SELECT * FROM people
-- a namespace => lake.people
SELECT people.id FROM lake.people
-- system streams => system.tables
SELECT * FROM system.tables
-- the standard's own schema => information_schema.columns
SELECT * FROM information_schema.columns
-- names fold => people
SELECT * FROM People JOIN PEOPLE p2 USING (id)
-- quoted identifiers => we "ird; drop table x
SELECT * FROM "we ""ird; DROP TABLE x"
-- unicode names => größe_ü
SELECT "straße" FROM "Größe_ü" WHERE "straße" = '🐘' LIMIT 1
-- from first => people
FROM people
-- values => (none)
VALUES (1, 'a'), (2, 'b')
-- comments hold no code => people
SELECT /* ; DROP TABLE people; */ id -- ; DELETE FROM people
FROM people -- read_csv('/etc/passwd')
-- a text that looks like code => people
SELECT 'read_csv(''/etc/passwd''); DROP TABLE x' FROM people
-- a trailing semicolon => people
SELECT id FROM people;
-- one cte => people
WITH p AS (SELECT * FROM people) SELECT * FROM p
-- a cte hides a table where it is in scope => lake_people
WITH people AS (SELECT 1 AS id) SELECT * FROM people UNION ALL SELECT * FROM lake_people
   WHERE EXISTS (WITH x AS (SELECT 1) SELECT * FROM x) AND 'people' = 'people'
-- a cte named like its source => people
WITH people AS (SELECT * FROM people) SELECT * FROM people
-- a qualified name is never the cte => lake.people
WITH people AS (SELECT 1) SELECT * FROM lake.people
-- a cte does not see a later one => b
WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a, b
-- a later cte sees an earlier one => people
WITH a AS (SELECT * FROM people), b AS (SELECT * FROM a) SELECT * FROM b
-- an inner cte ends with its query => x
SELECT * FROM (WITH x AS (SELECT 1) SELECT * FROM x) s, x
-- recursion => edges
WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r JOIN edges ON n = src) SELECT * FROM r
-- a subquery in every corner => a, b, c, d, e, f
SELECT (SELECT max(x) FROM a) FROM b WHERE x IN (SELECT x FROM c)
GROUP BY x HAVING count(*) > (SELECT 1 FROM d) ORDER BY (SELECT 1 FROM e) LIMIT (SELECT 2 FROM f)
-- joins => a, b, c
SELECT * FROM a LEFT JOIN b USING (x) ASOF JOIN c ON a.t >= c.t
-- set operations => a, b, c
SELECT x FROM a UNION ALL BY NAME SELECT x FROM b EXCEPT SELECT x FROM c
-- windows => t
SELECT row_number() OVER w, sum(x) FILTER (x > 1), lag(x) OVER w FROM t WINDOW w AS (PARTITION BY y ORDER BY z)
-- lambdas and comprehensions => t
SELECT list_transform(xs, lambda x: upper(x)), [y * 2 FOR y IN ys IF y > 1] FROM t
-- pivot with a list => t
FROM t PIVOT (sum(x) FOR y IN ('a', 'b'))
-- unpivot => t
SELECT * FROM (UNPIVOT t ON a, b INTO NAME k VALUE v)
-- generated rows => (none)
SELECT * FROM range(10) r(i), generate_series(1, 2), unnest([1, 2])
-- json => t
SELECT doc ->> '$.a.b', json_extract(doc, '$.c'), unnest(from_json(doc, '["INT"]')) FROM t
-- types and casts => t
SELECT x::DECIMAL(10, 2), TRY_CAST(y AS DATE), z::STRUCT(a INT, b VARCHAR[])[], t AT TIME ZONE 'UTC' FROM t
-- dates and intervals => t
SELECT date_trunc('month', d), d + INTERVAL 3 DAY, extract(year FROM d), current_date FROM t
-- named parameters => t
SELECT * FROM t WHERE a = $a AND b = $b
-- numbered parameters => t
SELECT * FROM t WHERE a = ? AND b = ?
-- describe => people
DESCRIBE people
-- summarize => people
SUMMARIZE people
-- star with changes => t
SELECT * EXCLUDE (a) REPLACE (upper(b) AS b), COLUMNS('^x') FROM t
-- samples => t
SELECT * FROM t USING SAMPLE 10
-- its own version => people
SELECT * FROM people AT (VERSION => 42)
-- a file's name is only a name of a table => data.csv
SELECT * FROM 'data.csv'
-- distinct on => t
SELECT DISTINCT ON (a) a, b FROM t ORDER BY ALL

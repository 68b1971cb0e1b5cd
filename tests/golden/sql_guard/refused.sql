-- Each case: "-- name => a part of the message", then the statement, to the next such line.
-- insert => INSERT is not a query
INSERT INTO people VALUES (1)
-- update => UPDATE is not a query
UPDATE people SET a = 1
-- delete => DELETE is not a query
DELETE FROM people
-- truncate => DELETE is not a query
TRUNCATE people
-- merge => MERGE INTO is not a query
MERGE INTO people USING x ON people.id = x.id WHEN MATCHED THEN DELETE
-- create table => CREATE is not a query
CREATE TABLE x AS SELECT 1
-- create view => CREATE is not a query
CREATE VIEW v AS SELECT 1
-- create macro => CREATE is not a query
CREATE MACRO f(x) AS x
-- create secret => CREATE is not a query
CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')
-- drop => DROP is not a query
DROP TABLE people
-- alter => ALTER is not a query
ALTER TABLE people ADD COLUMN x INT
-- copy out => COPY is not a query
COPY people TO '/tmp/x.csv'
-- copy a query out => COPY is not a query
COPY (SELECT 1) TO '/tmp/x.parquet'
-- copy in => COPY is not a query
COPY people FROM '/etc/passwd'
-- export => EXPORT is not a query
EXPORT DATABASE '/tmp/x'
-- import => is not a query
IMPORT DATABASE '/tmp/x'
-- attach => ATTACH is not a query
ATTACH '/tmp/x.duckdb' AS x
-- detach => DETACH is not a query
DETACH x
-- use => SET is not a query
USE memory
-- install => LOAD is not a query
INSTALL httpfs
-- load => LOAD is not a query
LOAD httpfs
-- pragma => not
PRAGMA show_tables
-- pragma with a value => not
PRAGMA memory_limit='100GB'
-- pragma call => not
PRAGMA table_info('people')
-- set => SET is not a query
SET memory_limit = '100GB'
-- set a variable => SET is not a query
SET VARIABLE x = 1
-- reset => SET is not a query
RESET memory_limit
-- call => CALL is not a query
CALL pragma_version()
-- checkpoint => is not a query
CHECKPOINT
-- vacuum => VACUUM is not a query
VACUUM
-- explain => EXPLAIN is not a query
EXPLAIN ANALYZE SELECT 1
-- begin => TRANSACTION is not a query
BEGIN
-- prepare => PREPARE is not a query
PREPARE p AS SELECT 1
-- execute => EXECUTE is not a query
EXECUTE p
-- show => SHOW is not a query
SHOW TABLES
-- show all => SHOW is not a query
SHOW ALL TABLES
-- show databases => SHOW is not a query
SHOW DATABASES
-- two statements => 2 statements
SELECT 1; SELECT 2
-- a query and a bomb => 2 statements
SELECT 1; DROP TABLE people
-- hidden behind a comment => 2 statements
SELECT 1 /* ; */ ; /* x */ COPY people TO 'x'
-- pivot without a list => PIVOT without a list
PIVOT t ON a USING sum(b)
-- read_csv => 'read_csv' is not allowed
SELECT * FROM read_csv('/etc/passwd')
-- read_csv in other letters => 'read_csv' is not allowed
SELECT * FROM ReAd_CsV('/etc/passwd')
-- read_csv quoted => 'read_csv' is not allowed
SELECT * FROM "read_csv"('/etc/passwd')
-- read_csv_auto => 'read_csv_auto' is not allowed
SELECT * FROM read_csv_auto('/etc/passwd')
-- read_text => 'read_text' is not allowed
SELECT content FROM read_text('/proc/self/environ')
-- read_blob => 'read_blob' is not allowed
SELECT * FROM read_blob('*')
-- read_json => 'read_json' is not allowed
SELECT * FROM read_json('/tmp/x.json')
-- read_json_objects => 'read_json_objects' is not allowed
SELECT * FROM read_json_objects('/tmp/x.json')
-- read_ndjson => 'read_ndjson' is not allowed
SELECT * FROM read_ndjson('/tmp/x.json')
-- read_parquet => 'read_parquet' is not allowed
SELECT * FROM read_parquet('s3://bucket/x.parquet')
-- read_duckdb => 'read_duckdb' is not allowed
SELECT * FROM read_duckdb('/tmp/x.duckdb')
-- iceberg_scan => 'iceberg_scan' is not allowed
SELECT * FROM iceberg_scan('/tmp/v1.metadata.json')
-- parquet_scan => 'parquet_scan' is not allowed
SELECT * FROM parquet_scan('x')
-- parquet_metadata => 'parquet_metadata' is not allowed
SELECT * FROM parquet_metadata('x')
-- parquet_bloom_probe => 'parquet_bloom_probe' is not allowed
SELECT * FROM parquet_bloom_probe('x', 'a', 1)
-- glob => 'glob' is not allowed
SELECT * FROM glob('/home/*')
-- sniff_csv => 'sniff_csv' is not allowed
SELECT * FROM sniff_csv('/etc/passwd')
-- a file function deep inside => 'read_text' is not allowed
SELECT 1 WHERE EXISTS (WITH a AS (SELECT * FROM (SELECT * FROM read_text('/etc/passwd'))) SELECT * FROM a)
-- a file function in a lateral join => 'read_csv' is not allowed
SELECT * FROM people p, LATERAL (SELECT * FROM read_csv(p.path))
-- a file function in a set operation => 'glob' is not allowed
SELECT 1 UNION ALL SELECT * FROM glob('*')
-- a file function in a pivot => 'read_csv' is not allowed
FROM read_csv('x') PIVOT (sum(x) FOR y IN (1))
-- a file function under describe => 'read_csv' is not allowed
DESCRIBE SELECT * FROM read_csv('/etc/passwd')
-- query by text => 'query' is not allowed
SELECT * FROM query('SELECT * FROM people')
-- query_table => 'query_table' is not allowed
SELECT * FROM query_table('people')
-- a serialized query => 'json_execute_serialized_sql' is not allowed
SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))
-- serialize => 'json_serialize_sql' is not allowed
SELECT json_serialize_sql('SELECT 1')
-- the environment => 'getenv' is not allowed
SELECT getenv('HOME')
-- the environment in a lambda => 'getenv' is not allowed
SELECT list_transform(['HOME'], lambda x: getenv(x))
-- the environment in a default => 'getenv' is not allowed
SELECT coalesce(NULL, CASE WHEN true THEN getenv('PATH') END)
-- the environment in an order => 'getenv' is not allowed
SELECT 1 FROM people ORDER BY getenv('PATH')
-- the environment in a limit => 'getenv' is not allowed
SELECT 1 FROM people LIMIT length(getenv('PATH'))
-- the environment in a filter => 'getenv' is not allowed
SELECT count(*) FILTER (getenv('PATH') > 'a') FROM people
-- the environment in a window => 'getenv' is not allowed
SELECT sum(a) OVER (PARTITION BY getenv('PATH')) FROM people
-- settings => 'current_setting' is not allowed
SELECT current_setting('temp_directory')
-- variables => 'getvariable' is not allowed
SELECT getvariable('x')
-- sequences => 'nextval' is not allowed
SELECT nextval('s')
-- sleep => 'sleep_ms' is not allowed
SELECT sleep_ms(100000)
-- sleep as postgres has it => 'pg_sleep' is not allowed
SELECT pg_sleep(100)
-- the log => 'write_log' is not allowed
SELECT write_log('x')
-- the text of the query => 'current_query' is not allowed
SELECT current_query()
-- secrets => 'duckdb_secrets' is not allowed
SELECT * FROM duckdb_secrets()
-- settings as a table => 'duckdb_settings' is not allowed
SELECT * FROM duckdb_settings()
-- tables of the engine => 'duckdb_tables' is not allowed
SELECT * FROM duckdb_tables()
-- logs of the engine => 'duckdb_logs' is not allowed
SELECT * FROM duckdb_logs()
-- storage => 'pragma_storage_info' is not allowed
SELECT * FROM pragma_storage_info('people')
-- table info => 'pragma_table_info' is not allowed
SELECT * FROM pragma_table_info('people')
-- histogram_values reads a table by name => 'histogram_values' is not allowed
SELECT * FROM histogram_values('people', 'salary')
-- a function of another schema => 'upper' is not allowed
SELECT other.upper('a')
-- a function of another catalog => 'upper' is not allowed
SELECT other.main.upper('a')
-- an unknown function => 'frobnicate' is not allowed
SELECT frobnicate(1)
-- an aggregate that is none => 'getenv' is not allowed
SELECT getenv(DISTINCT 'a') FROM people
-- another catalog => is not a table of the lake
SELECT * FROM memory.main.people
-- the temporary catalog => is not a table of the lake
SELECT * FROM temp.main.people
-- our own view => is not a table of the lake
SELECT * FROM lakehouse_0123456789abcdef01234567
-- our own prefix for a cte => are ours
WITH lakehouse_x AS (SELECT 1) SELECT * FROM lakehouse_x
-- a pivot over a type => PIVOT over a type
FROM t PIVOT (sum(x) FOR y IN some_type)

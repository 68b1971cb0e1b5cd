-- Each case: "-- name => a part of the message", then the statement, to the next such line.
-- nothing => there is no statement

-- only a comment => there is no statement
/* nothing here */
-- a misspelt verb => line 1, column 1
SELEC 1
-- an open parenthesis => line 1
SELECT (1
-- the second line => line 2, column 18
SELECT a
FROM people WHERE
-- after other letters => line 1, column 27
SELECT 'ÄÖÜ🐘' FROM t WHER x = 1
-- an open text => line 1
SELECT 'abc
-- a cte that writes => A CTE needs a SELECT
WITH t AS (INSERT INTO x VALUES (1) RETURNING *) SELECT * FROM t
-- two kinds of parameters => Mixing named and positional
SELECT $a, ?
-- a version that is computed => AT takes a constant
SELECT * FROM people AT (VERSION => 1 + 1)

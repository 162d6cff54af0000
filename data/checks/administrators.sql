-- Somebody who may log in can administer the system, as soon as anybody may log in at all.
SELECT count(*) AS logins
FROM credentials
HAVING count(*) > 0
   AND (SELECT count(*)
        FROM people
        JOIN credentials ON credentials.person_id = people.id
        WHERE people.active AND people.archived_at IS NULL AND people.roles LIKE '%"admin"%') = 0

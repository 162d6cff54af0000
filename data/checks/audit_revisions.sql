-- Every change-set has its audit entries: revisions without gaps, in the order of the chain.
SELECT max(revision) AS last_revision
FROM audit_entries
WHERE revision > 0
HAVING max(revision) <> count(DISTINCT revision)
UNION ALL
SELECT later.revision
FROM audit_entries earlier
JOIN audit_entries later ON later.sequence = earlier.sequence + 1
WHERE later.revision < earlier.revision
UNION ALL
SELECT max(sequence)
FROM audit_entries
HAVING max(sequence) <> count(*)

-- What was signed is what was saved last; a decision is open only on a contract that is in review, one at a time.
SELECT contracts.id, contracts.step
FROM contracts
JOIN contract_versions ON contract_versions.contract_id = contracts.id
WHERE contracts.step = 'signed' AND contracts.body_sha256 IS NOT NULL
GROUP BY contracts.id, contracts.step, contracts.body_sha256
HAVING max(CASE WHEN contract_versions.sha256 = contracts.body_sha256 THEN contract_versions.edition ELSE 0 END)
    <> max(contract_versions.edition)
UNION ALL
SELECT contracts.id, contracts.step
FROM contracts
JOIN approval_runs ON approval_runs.record_id = contracts.id AND approval_runs.entity = 'contract'
WHERE approval_runs.status IN ('pending', 'proposed') AND approval_runs.archived_at IS NULL
GROUP BY contracts.id, contracts.step
HAVING contracts.step <> 'in_review' OR sum(CASE WHEN approval_runs.status = 'pending' THEN 1 ELSE 0 END) <> 1

/**
 * Statements that belong to no request: the frame of a transaction, and what a server does every few seconds (the schedule of the syncs
 * looks at the partners, changes are counted, attempts are swept). Tests that count statements leave them out.
 */
export const OF_NO_REQUEST =
  /^(BEGIN|START|SET LOCAL|COMMIT|INSERT INTO "user_count"|DELETE FROM "user_count"|UPDATE "user_change")|FROM "partner"|pg_advisory|"row"\."folded" = false|"row"\."outcome" = 'RUNNING'|"row"\."status" IN \('PROVISIONING', 'UPDATING'\) AND "row"\."last_status_change" </

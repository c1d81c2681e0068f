/** A SagaChange as `jsonb_to_record` reads it. */
export const CHANGE_COLUMNS = `
    id uuid, "subjectId" uuid, definition text, "definitionVersion" integer, state text, step text, direction text,
    generation integer, attempt integer, reason text, "parkedReason" text, version integer,
    "timerAfterMs" double precision, "keepsTimer" boolean, "giveUpAfterMs" double precision`;

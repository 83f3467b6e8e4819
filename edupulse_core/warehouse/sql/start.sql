-- For every check: the known columns of each file, and how text becomes a value.
create temp table template_orgs (
    row_number text, sourcedId text, status text, name text, type text, parentSourcedId text
);

create temp table template_academicSessions (
    row_number text, sourcedId text, status text, title text, type text, startDate text,
    endDate text, parentSourcedId text, schoolYear text
);

create temp table template_courses (
    row_number text, sourcedId text, status text, title text, orgSourcedId text, subjects text,
    subjectCodes text
);

create temp table template_classes (
    row_number text, sourcedId text, status text, title text, courseSourcedId text,
    schoolSourcedId text, termSourcedIds text, periods text
);

create temp table template_users (
    row_number text, sourcedId text, status text, givenName text, familyName text, enabledUser text,
    username text, email text, grades text, role text, orgSourcedIds text
);

create temp table template_roles (
    row_number text, sourcedId text, status text, userSourcedId text, role text, orgSourcedId text,
    beginDate text, endDate text
);

create temp table template_demographics (
    row_number text, sourcedId text, status text, birthDate text, sex text,
    americanIndianOrAlaskaNative text, asian text, blackOrAfricanAmerican text,
    nativeHawaiianOrOtherPacificIslander text, white text, demographicRaceTwoOrMoreRaces text,
    hispanicOrLatinoEthnicity text, "metadata.englishLearner" text, "metadata.disability" text,
    "metadata.mealStatus" text
);

create temp table template_enrollments (
    row_number text, sourcedId text, status text, classSourcedId text, schoolSourcedId text,
    userSourcedId text, role text, beginDate text, endDate text
);

create temp table template_withdrawals (
    row_number text, status text, studentSourcedId text, date text, reason text
);

create temp table template_calendar (
    row_number text, status text, orgSourcedId text, date text, isInstructional text
);

create temp table template_lineItems (
    row_number text, sourcedId text, status text, title text, dueDate text, classSourcedId text,
    resultValueMin text, resultValueMax text
);

create temp table template_results (
    row_number text, sourcedId text, status text, lineItemSourcedId text, studentSourcedId text,
    scoreStatus text, score text, scoreDate text
);

create temp table template_attendance (
    row_number text, sourcedId text, studentSourcedId text, date text, status text, reason text,
    classSourcedId text, minutesMissed text
);

create temp table template_incidents (
    row_number text, sourcedId text, status text, studentSourcedId text, date text, type text, severity text,
    action text, daysRemoved text
);

create temp table template_caseloads (
    row_number text, status text, counselorSourcedId text, studentSourcedId text
);

-- The rejected rows of the whole import; the raw line comes last, from the file.
create table refused (
    file text, row_number bigint, column_name text, reason text, found text
);

create temp macro is_blank(t) as coalesce(trim(t), '') = '';

create temp macro as_text(t) as case when not is_blank(t) then t end;

-- The words that a column may hold; roles are those of OneRoster 1.1 and 1.2.
create temp macro roles() as [
    'administrator', 'aide', 'counselor', 'districtAdministrator', 'guardian', 'parent', 'principal',
    'proctor', 'relative', 'siteAdministrator', 'student', 'systemAdministrator', 'teacher'
];

create temp macro class_roles() as ['administrator', 'proctor', 'student', 'teacher'];

create temp macro score_statuses() as [
    'exempt', 'fully graded', 'not submitted', 'partially graded', 'submitted'
];

create temp macro attendance_statuses() as ['absent', 'partial', 'tardy', 'present'];

create temp macro absence_reasons() as ['excused', 'unexcused', 'suspension'];

create temp macro withdrawal_reasons() as ['transfer', 'graduated', 'dropout', 'other'];

create temp macro actions() as [
    'none', 'conference', 'referral', 'detention', 'in_school_suspension',
    'out_of_school_suspension', 'expulsion'
];

create temp macro is_among(t, words) as coalesce(list_contains(words, t), false);

-- A problem is column|reason or column|reason|found; only `found` quotes the file.
create temp macro found(t) as
    '|' || left(coalesce(t, ''), 40) || if(length(t) > 40, '…', '');

create temp macro not_among(column_name, word, t, words) as
    column_name || '|unknown ' || word || ': must be one of ' || array_to_string(words, ', ')
    || found(t);

-- Whether a role holds on the day of the import; as OneRoster defines it, no longer on its endDate.
create temp macro holds(begin_date, end_date) as
    coalesce(begin_date <= getvariable('today'), true)
    and coalesce(end_date > getvariable('today'), true);

create temp macro as_day(t) as
    case when regexp_full_match(t, '[0-9]{4}-[0-9]{2}-[0-9]{2}') then try_cast(t as date) end;

create temp macro as_number(t) as
    case
        when regexp_full_match(t, '[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?')
        and isfinite(try_cast(t as double))
            then try_cast(t as double)
    end;

create temp macro is_day(t) as as_day(t) is not null;

create temp macro is_number(t) as as_number(t) is not null;

create temp macro is_truth(t) as lower(t) in ('true', 'false');

create temp macro as_truth(t) as case lower(t) when 'true' then true when 'false' then false end;

create temp macro as_list(t) as
    list_filter(list_transform(string_split(t, ','), lambda x: trim(x)), lambda x: x <> '');

create temp macro is_deleted(t) as lower(trim(coalesce(t, ''))) = 'tobedeleted';

-- Whether a row deletes: a delta must name what, a bulk file merely sets the row aside.
create temp macro deletes(status, is_named) as
    is_deleted(status) and (is_named or not getvariable('is_delta'));

-- The times that begin with a session; academicSessions fills it.
create temp table stretches (start_date date, end_date date);

-- The time that each bulk file replaces.
create temp table covered (file text, start_date date, end_date date);

-- What delta files delete by key, for the gate against loss; day: that of a calendar row.
create temp table deleted (file text, key text, day date)

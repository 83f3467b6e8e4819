-- One published snapshot: everything here can be rebuilt from the sources.
-- Identifiers are OneRoster sourcedIds, text as found. Dates are days of the school.

create table orgs (
    org_id text primary key, name text not null, type text not null, parent_id text
);

create table academic_sessions (
    session_id text primary key, title text, type text, start_date date, end_date date,
    parent_id text, school_year integer
);

create table courses (
    course_id text primary key, title text, org_id text,
    subject text not null    -- math, english, science, social_studies or other
);

create table classes (
    class_id text primary key, title text, course_id text, school_id text, term_ids text[], periods text,
    grades text[],           -- empty when it names none
    is_school boolean not null default true  -- false: all its sessions are named in not_school
);

create table own_subjects (  -- what courses.csv and classes.csv say; courses.subject is what follows
    kind text,               -- course or class
    id text, subject text
);

create table users (
    user_id text primary key, given_name text, family_name text, username text, email text,
    grade text,              -- the first of users.grades; null when empty
    is_active boolean not null default true  -- false: disabled, inactive, deleted, or lacking in the latest bulk file
);

create table roles (         -- as found; what holds on the day of the import is user_roles
    role_id text,            -- null: users.csv said it, as in OneRoster 1.1
    user_id text, role text, org_id text, begin_date date, end_date date
);

create table user_roles (    -- student, teacher, ...; a student's and a relative's for good
    user_id text, role text, org_id text
);

create table demographics (
    user_id text primary key, birth_date date, sex text, race text,  -- one word; 'two_or_more' when several
    english_learner boolean, disability boolean, meal_status text    -- from metadata.* columns; null: unknown
);

create table enrollments (   -- as found; what holds after terms and withdrawals is enrollment_spans
    enrollment_id text primary key, class_id text, school_id text, user_id text, role text,
    begin_date date, end_date date
);

create table enrollment_spans (  -- students and teachers; [start_date, end_date)
    user_id text, role text, class_id text, school_id text, course_id text,
    start_date date, end_date date
);

create table line_items (
    line_item_id text primary key, title text, class_id text, due_date date,
    value_min double, value_max double
);

create table results (
    result_id text, line_item_id text, student_id text, score_status text, score double, score_date date,
    letter text              -- a grade that is no number, as found; rules say what share it is
);

create table calendar (org_id text, date date, is_instructional boolean);  -- as found

create table attendance (
    attendance_id text, student_id text, date date, status text,
    reason text,             -- excused, unexcused or suspension; never null
    class_id text, minutes_missed double
);

create table incidents (
    incident_id text,        -- one row a student: several may share an incident
    student_id text, date date, type text, severity integer,
    action text,             -- 'none' when empty
    days_removed double
);

-- Rows that were rejected because their student had withdrawn; they count once more of them show that
-- the student came back.
create table waiting_attendance as from attendance limit 0;

create table waiting_incidents as from incidents limit 0;

create table withdrawals (student_id text, date date, reason text);

create table caseloads (counselor_id text, student_id text);

-- Derived at import, because both the checks and the features need them.

create table school_days (school_id text, date date);  -- instructional days of each school

create table student_days (student_id text, date date, school_id text);  -- one row a student and enrolled school day; school_id: the first by name where several

create table silent_days (   -- school days without any attendance row at the school, where rows should have come
    school_id text, date date,
    known_on date            -- the first day on which so many were missing that the run is called silent
);

create table unknown_weeks (  -- what a school is known not to send, as of the week's Sunday
    school_id text, week_start date,
    kind text,               -- incidents, missing_work, marks, days_removed; incidents_stopped: still known
    is_named boolean         -- whether people are told; else nothing there needs it
);

create table school_years (school_year integer, start_date date, end_date date);  -- end_date: the next year's start; null in the last

-- What happened at import.

create table imports (
    sequence integer,        -- 1, 2, ...: the order of imports; the clock may have been wrong
    imported_at timestamp, import_day date, bundle text, fingerprint text,
    is_demo boolean, district text, calendar_assumed boolean, students integer, weeks integer
);

create table import_files (file text, present boolean, read bigint, imported bigint, rejected bigint);

create table rejects (
    file text, row_number bigint,
    sourced_id text,         -- the row's own; null where it has none or is broken
    column_name text,
    reason text,             -- never with a value of the file
    found text, raw text     -- the value and the line: may hold names
);

create table has_records (name text, present boolean);  -- attendance, incidents, withdrawals, lineItems, results: ever imported; grades: both of the last;
    -- caseloads, only if some ever stood: none now means nobody

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

-- Learning records: optional files, one by one. Times are the district's own.

create table skills (
    skill_id text primary key, title text not null,
    subject text,            -- math, english, science, social studies or other; null: not said
    grade text, prerequisites text[],  -- skill_ids; empty when it names none
    difficulty double,       -- 1 to 10
    base_hours double,
    content_type text        -- reading, practice, video, project or other
);

create table items (         -- questions and tasks
    item_id text primary key, skill_ids text[] not null, title text, body text,
    difficulty double        -- 1 to 5
);

create table interactions (  -- one row an answer, also where its item has several skills
    student_id text, item_id text, answered_at timestamp, is_correct boolean not null,
    seconds double, attempt integer, hints integer
);

create table resources (
    resource_id text primary key, title text not null,
    kind text,               -- reading, practice, video, project or other
    skill_ids text[], body text,
    difficulty double,       -- 1 to 5; null: a model may say it
    minutes double, url text
);

create table ratings (       -- one row each time a student used a resource
    student_id text, resource_id text, used_at timestamp,
    rating double,           -- 1 to 5; null: used, not rated
    minutes double, is_completed boolean
);

create table study_sessions (
    session_id text primary key, student_id text, skill_id text, started_at timestamp,
    hours double not null,   -- over 0, at most 24
    study_method text,       -- reading, practice, video, group or other
    environment text,        -- home, library, school, cafe or other
    energy_level double, distraction_level double,  -- 1 to 5
    breaks_taken integer
);

create table learners (
    student_id text primary key, age double, education_level text, learning_style text,
    avg_focus_duration double  -- minutes
);

create table programs (
    program_id text primary key, title text not null, institution text,
    tier integer,            -- 1 to 5
    min_gpa double, admit_rate double  -- 0 to 1
);

create table applications (
    application_id text primary key, student_id text, program_id text, applied_on date,
    outcome text,            -- admitted, denied, waitlisted or withdrawn; null: open
    gpa double, test_score double, language_score double,
    statement double, letters double,  -- 1 to 5
    has_research boolean, extracurriculars double,
    rank_in_class double
);

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

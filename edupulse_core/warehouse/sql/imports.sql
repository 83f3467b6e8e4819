-- One more line in the history of imports.
insert into fresh.imports
from earlier.imports
union all
select
    $sequence,
    $imported_at,
    $today,
    $bundle,
    $fingerprint,
    $is_demo,
    coalesce(
        (select arg_min(name, org_id) from fresh.orgs where type = 'district'),
        (select arg_min(name, org_id) from fresh.orgs where parent_id is null),
        nullif($system, ''),
        $bundle
    ),
    not exists (from fresh.calendar),
    $students,
    $weeks

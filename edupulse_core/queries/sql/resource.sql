-- grain: one resource.
from resources where resource_id = $resource_id

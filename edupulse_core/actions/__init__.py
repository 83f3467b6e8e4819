"""Every change that anybody can make: ask the door, do it, note it in the audit."""

"""Every change that anybody can make: each function takes who acts, asks the door, does it and
notes it in the audit. The command line, the pages and jobs all call these."""

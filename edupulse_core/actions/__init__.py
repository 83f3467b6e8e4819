"""Every change that anybody can make. The command line, the pages and jobs all call these.

Each function takes who acts, checks their access, makes the change and audits it.
"""

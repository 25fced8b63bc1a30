"""It includes a secret as if it were source, so that the syntax error quotes it.

Verdict: failed
Cause: load-error | policy
Canary: yes
"""

with open("CANARY_FOLDER/secret.txt") as file:
    exec(compile("= " + file.read(), "CANARY_FOLDER/secret.txt", "exec"))

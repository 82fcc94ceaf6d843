import os
import subprocess
import sys

print("first", flush=True)
subprocess.run(["/bin/echo", "echoed"], check=True)
os.system("echo 'from a shell' >&2; exit 3")
print(subprocess.run([sys.executable, "-c", "raise SystemExit(7)"]).returncode)
yes = subprocess.Popen("yes | head -n 2", shell=True, stdout=subprocess.PIPE)
print(yes.communicate()[0], yes.returncode)

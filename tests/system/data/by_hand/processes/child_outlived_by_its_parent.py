import subprocess

child = subprocess.Popen(
    ["/bin/sh", "-c", "echo begun; exit 3"], stdout=subprocess.PIPE, text=True
)
print(child.stdout.readline(), end="")

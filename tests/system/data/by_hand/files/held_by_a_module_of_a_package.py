import os
import sys

os.mkdir("package")
for name in ("__init__", "log"):
    open(f"package/{name}.py", "w").close()
sys.dont_write_bytecode = True
import package.log

package.log.file = open("log.txt", "w")
package.log.file.write("kept")
package.log.itself = package.log

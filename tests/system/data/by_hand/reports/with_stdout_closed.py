import os
import sys

import sweepwright

sys.stdout.close()
os.close(0)
sweepwright.report_final_result(0.5)

import atexit
import threading

import sweepwright

sweepwright.report_intermediate_result(1)
thread = threading.Thread(target=sweepwright.report_intermediate_result, args=(2,))
thread.start()
thread.join()
atexit.register(sweepwright.report_final_result, 3)

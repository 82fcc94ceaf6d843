"""Static analysis of a trial's source: which parameters it reads, and which metrics it reports.

The technique is abstract interpretation. The interpreter executes the source's syntax tree over
abstract values; nothing of the trial is imported or run.

**Abstract domain.** The value of an expression is a set of alternatives (`Values`). Each is a
string constant, an imported name, a function or class of the source, a `DictValue`, a number or
unknown. A `DictValue` stands for a dict that holds the assignment, a nested part of it, keys that
the script sets itself, or a mixture. The order of statements counts: a name that is assigned on
every run forgets its earlier values (strong update), a name that is assigned on some runs gains
an alternative (weak update).

**May and must.** A read is noted in either case, as something that the trial *may* do. It is
`required`, a *must* fact, only where every run executes it, no alternative of its dict could lack
the assignment, the script sets no such key itself, and a missing key raises. `Scope` keeps track
of the first of these: code in branches, loops and handlers is maybe executed, as is all code
after a possible return.

**Escape.** A value that reaches code outside of the analysis (a call of an unknown function, an
attribute of an unknown object, an element of a list) escapes: from then on any key below it may
be read or set, and a function that escapes may be called with any arguments. What the analysis
loses sight of in this way only adds *may* facts.

**Loops** are not iterated to a fixed point. The body of an outermost loop is executed twice, so
that facts established in one iteration reach the next; a value that needs three iterations to
arrive is missed. Calls are followed into functions of the source, to a limited depth; recursive
calls escape.

**Soundness.** Findings follow from must facts ("every run fails") and from the absence of may
facts ("no run reads this"), and both err towards silence: whatever is uncertain or out of sight
suppresses a finding, and none is reported on suspicion. A source that does not parse, or that
takes too many steps, has no facts at all, which silences every check of it. The known exceptions
are the loops above, runs that exit early of their own accord (`sys.exit`), and code that
redefines builtins or patches modules.
"""

from .analyze import AnalyzedSource, analyze_trial
from .facts import BUDGETS, Facts, ParameterPath, Read, ReportCall, SourceSpan
from .imports import FindModule

__all__ = [
    "BUDGETS",
    "AnalyzedSource",
    "Facts",
    "FindModule",
    "ParameterPath",
    "Read",
    "ReportCall",
    "SourceSpan",
    "analyze_trial",
]

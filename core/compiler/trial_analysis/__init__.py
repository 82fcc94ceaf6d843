"""Static analysis of a trial's source: which parameters it reads, and which metrics it reports.

The technique is abstract interpretation: the interpreter executes the syntax tree of the source
over abstract values. The code of the trial is never imported or run.

**Abstract domain.** The value of an expression is a set of alternatives (`Values`). An alternative
is a string constant, an imported name, a function or class of the source, a `DictValue`, a number,
or unknown. A `DictValue` represents a dict that contains the assignment, a nested part of the
assignment, keys that the script sets itself, or several of these. The order of statements matters.
If every run assigns a name, the new value replaces the earlier values (strong update). If only
some runs assign the name, the new value becomes a further alternative (weak update).

**May and must.** Every read that is found is something that the trial *may* do. A read is also
`required`, which is a *must* fact, if four conditions hold: every run executes the read, every
alternative of the dict contains the assignment, the script does not set the key itself, and a
missing key raises an exception. `Scope` keeps track of the first condition. Only some runs may
execute code in branches, loops and exception handlers, and code after a possible return.

**Escape.** A value escapes if it reaches code outside of the analysis, for example as an argument
of an unknown function, as an attribute of an unknown object, or as an element of a list. After a
dict has escaped, any of its keys may be read or set. After a function has escaped, it may be
called with any arguments. An escape only adds *may* facts.

**Loops** are not iterated to a fixed point. The body of an outermost loop is executed twice, so
that facts established in one iteration reach the next. A value that reaches a statement only in
the third iteration is missed. Calls are followed into functions of the source up to a limited
depth. The arguments of recursive calls escape.

**Soundness.** A finding follows from a must fact ("every run fails") or from the absence of a may
fact ("no run reads this parameter"). If the analysis is uncertain, it adds may facts and omits
must facts, and both suppress findings. So a finding is never only a suspicion. If a source has a
syntax error, which `core/plan/source_syntax.py` reports, or takes too many steps, the analysis
returns no facts, and no other finding about the source is reported. There are known exceptions:
loops as described above, runs that call `sys.exit` early, and code that redefines builtins or
patches modules.
"""

from .analyze import AnalyzedSource, analyze_trial
from .facts import BUDGETS, Facts, ParameterPath, Read, ReportCall, SourceSpan

__all__ = [
    "BUDGETS",
    "AnalyzedSource",
    "Facts",
    "ParameterPath",
    "Read",
    "ReportCall",
    "SourceSpan",
    "analyze_trial",
]

"""Why a run is not green, in words for whoever has to do something about it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from providers.sync.decide import Reason

WORDS = {
    Reason.LOST: _("They report more rows than could be read. The next run reads all of it again."),
    Reason.SURPLUS: _("More rows were read than they report. The next run reads all of it again."),
    Reason.MOVED: _(
        "Rows were removed while we read, so one may have been missed. The next run reads all of it again."
    ),
    Reason.NO_TOTAL: _("They do not say how many rows there are, and two readings did not agree."),
    Reason.ENDLESS: _("Their pages do not end. Nothing was taken as gone."),
    Reason.FAR_FEWER: _(
        "Far fewer rows than the last time. Nothing was taken as gone. If they were really removed, confirm it."
    ),
    Reason.COUNTS_DIFFER: _("Our rows and their total do not agree. The next run reads all of it again."),
    Reason.FILTER_IGNORED: _("Their filter by time has no effect, so everything was read."),
    Reason.BACKLOG: _("Not read for every customer yet, or for some long ago. The next nights go on with it."),
    Reason.QUARANTINED: _("Some rows could not be read. What we have of them stays as it is."),
    Reason.DRIFT: _("They changed the shape of their data."),
    Reason.OUT_OF_TIME: _("It took too long and was stopped. The next run begins again."),
    Reason.BUDGET: _("The limit of requests left no room for it. People come first."),
    Reason.PAGE_FAILED: _("A page could not be read, even after several tries."),
    Reason.LOGIN_REFUSED: _("The provider refused this login, or does not have this collection."),
    Reason.DATABASE: _("Our database was away for too long."),
    Reason.STOPPED: _("It was stopped before its end."),
}
BUSY = _("Another worker reads it now.")


BACKLOG = _("Read for %(read)s of %(all)s customers, the oldest on %(day)s. The next nights go on with it.")


def reason_words(code: str, detail: str = "") -> str:
    """The code itself where a newer version wrote it."""
    if code == "busy":
        return str(BUSY)
    figures = detail.split("/")
    if code == Reason.BACKLOG and len(figures) == 3:  # read, all, day
        read, all_of_them, day = figures
        return str(BACKLOG) % {"read": read, "all": all_of_them, "day": day or "—"}
    return str(WORDS[Reason(code)]) if code in WORDS else code

"""The pages: a workbench for one patient, and a library of diseases and findings.

`pages(desk)` gives the routes, `Desk` is what they work with. State lives in the page, never on the server; a
case is kept only where a store is open and somebody saves it.
"""

from rarescale.web.desk import Desk, open_desk, random_id, utc_now
from rarescale.web.forms import form_of
from rarescale.web.lookup import NameIndex, disease_index, finding_index
from rarescale.web.pages import pages, problem_page
from rarescale.web.signin import again_page, login_page
from rarescale.web.visitor import Visitor, welcome

__all__ = [
    "Desk",
    "NameIndex",
    "Visitor",
    "again_page",
    "disease_index",
    "finding_index",
    "form_of",
    "login_page",
    "open_desk",
    "pages",
    "problem_page",
    "random_id",
    "utc_now",
    "welcome",
]

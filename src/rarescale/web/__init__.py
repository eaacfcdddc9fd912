"""The pages: a workbench for one patient, and a library of diseases and findings.

`pages(desk)` gives the routes, `Desk` is what they work with. State lives in the page, never on the server.
"""

from rarescale.web.desk import Desk, open_desk
from rarescale.web.lookup import NameIndex, disease_index, finding_index
from rarescale.web.pages import pages, problem_page

__all__ = ["Desk", "NameIndex", "disease_index", "finding_index", "open_desk", "pages", "problem_page"]

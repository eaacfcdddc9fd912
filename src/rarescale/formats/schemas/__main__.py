"""Write the schema files."""

from rarescale.formats.schemas import write_all

if __name__ == "__main__":
    write_all()

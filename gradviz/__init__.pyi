from gradviz.api import load as load
from gradviz.api import record as record
from gradviz.api import show as show

__version__: str

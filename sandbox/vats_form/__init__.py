"""The same cloud PBX as `sandbox.vats_rest` behind its older API: one address, commands in a form, fewer webhooks.

The company, its calls and its post are the engine of `sandbox.vats_rest`; the stories are told with its words.
"""

from sandbox.vats_form.calls import Calls
from sandbox.vats_form.demo import demo_office
from sandbox.vats_form.office import Office
from sandbox.vats_form.quirks import Quirks
from sandbox.vats_form.serve import VatsFormOffice
from sandbox.vats_form.server import ENDPOINT

__all__ = ["ENDPOINT", "Calls", "Office", "Quirks", "VatsFormOffice", "demo_office"]

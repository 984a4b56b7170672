"""How many examples a property tries: `make test-long` asks for the profile that is registered here.

Rule: a property that tries another number than Hypothesis's own names it as a share of `settings().max_examples`,
if the long run is to try more.
"""

from hypothesis import settings

settings.register_profile("long", max_examples=4 * settings().max_examples)

"""The promises of the wire, tested from outside.

Rule: what is here knows the wire and the card that the demo prints, as a bank's integrator would. It imports
nothing of the switch, its ledger, its simulators or its configuration, so a mistake can't be made twice alike.
"""

"""A whole bank in one deterministic run: the real switch among simulated channels and peers, with everything that can
go wrong drawn from one seed, and an auditor who holds everybody's books together all the while."""

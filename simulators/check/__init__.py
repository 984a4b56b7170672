"""An exhaustive check of the payment saga: every story one payment can live through, told by the switch's own table.

It is an explicit-state model checker. What decides is the real `advance` of `switch.flow.saga` (or the same code with
one rule taken out, see `removals`), and what a peer's word means is the real `switch.flow.evidence`. Everything around
it is a model, small enough to walk to its end:

- one payment, one leg (core) or two (core, then biller), and the one reversal of it, sent whenever the channel likes;
- peers with books of their own, one for each ability that saga's terms know (`abilities`, `core`, `biller`);
- a network that loses, delays, repeats and lets overtake (`flight`);
- a switch that commits first and then asks and answers, one event of a payment at a time; that is killed at any point
  and starts again; whose payment is taken over by another while the old one still believes it owns it (`engine`);
- an operator who sees both peers' books (`operator`).

What is abstract, and why that is honest:

- Time is five phases (`phases`). The table only compares moments with `ask_by`, with the end of a request's lifetime,
  with the start of the present state and with the last attempt; each phase stands for all moments between which no
  such comparison changes, and times in a payment are replaced by their phase's representative.
- A payment's version, attempts, next time (but whether it has one) and the peers' extra data elements are blotted out:
  no guard reads them. Conflicts of version are modelled by what versions are for: whether somebody else committed.
- In flight, copies of the same message from the same side of the lifetime are one: a copy may be delivered and stay.
  Requests that move money are not copied by the network (TCP does not) unless the peer takes repeats.
- A message that is never delivered is a message that was lost, and time passing into the last phase loses all. So
  "from here the payment can still be finished" (`liveness`) is asked with everything in flight lost, too.
- A commit and what it leads to are one step: effects that a crash swallowed are messages that were never delivered and
  answers that did not arrive. A commit that was not applied is an event that did not happen.
- A former owner is followed while it holds a payment that may ask without a commit (HELD); after that all it does is
  a commit, which fails if the version moved, or the same as the owner's.
- Not here: amounts but for whole and part, several payments at once, two lifetimes that differ, the shape of messages.
"""

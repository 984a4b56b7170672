"""Finds the assignment with the most relief, by SciPy.

Rule: the one file that knows SciPy, which is there only with the extra `fleet`; it is imported when it is needed.
Without a limit it is the assignment problem proper; with a budget or a number of machines an integer program. What is
found is never worse than the greedy list, and never beyond the limits: should the solver run out of time, the list is
taken.
"""

from __future__ import annotations

from switch.fleet.plan import Pairs, Problem, fits, greedy, relief_of

SOLVE_WITHIN_S = 30.0


class NoSolverError(Exception):
    """SciPy is not installed; the text is one line for the operator."""


def assign(problem: Problem) -> list[tuple[int, int]]:
    """Pairs of a candidate's and a place's number, each number once. Raises NoSolverError."""
    if not problem.candidates or not problem.places:
        return []
    limited = problem.budget_minor is not None or problem.machines_max is not None
    found = _within_limits(problem) if limited else _without_limits(problem)
    by_list = greedy(problem)
    best = found if fits(problem, found) and relief_of(problem, found) >= relief_of(problem, by_list) else by_list
    return [pair for pair in best if relief_of(problem, [pair]) > 0]


def _without_limits(problem: Problem) -> list[tuple[int, int]]:
    try:
        from scipy.optimize import linear_sum_assignment
    except ImportError:
        raise _missing() from None
    reliefs = [[problem.relief(one, place) for place in problem.places] for one in problem.candidates]
    rows, columns = linear_sum_assignment(reliefs, maximize=True)
    return [(int(row), int(column)) for row, column in zip(rows, columns, strict=True)]


def _within_limits(problem: Problem) -> list[tuple[int, int]]:
    try:
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_array
    except ImportError:
        raise _missing() from None
    ways = [(one, place) for one in range(len(problem.candidates)) for place in range(len(problem.places))]
    rows, columns, values, most = _constraints(problem, ways)
    matrix = csr_array((values, (rows, columns)), shape=(len(most), len(ways)))
    solved = milp(
        [-relief_of(problem, [way]) for way in ways],
        constraints=LinearConstraint(matrix, ub=most),
        integrality=[1] * len(ways),
        bounds=Bounds(0, 1),
        options={"time_limit": SOLVE_WITHIN_S, "mip_rel_gap": 0.0},
    )
    if solved.x is None:
        return []
    return [way for way, taken in zip(ways, solved.x, strict=True) if taken > 0.5]


def _constraints(problem: Problem, ways: Pairs) -> tuple[list[int], list[int], list[float], list[float]]:
    """Each candidate once, each place once, the number of machines, the budget: as a sparse matrix and its bounds."""
    candidates = len(problem.candidates)
    most = [1.0] * (candidates + len(problem.places))
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []

    def put(row: int, column: int, value: float) -> None:
        rows.append(row)
        columns.append(column)
        values.append(value)

    for column, (one, place) in enumerate(ways):
        put(one, column, 1.0)
        put(candidates + place, column, 1.0)
    if problem.machines_max is not None:
        for column in range(len(ways)):
            put(len(most), column, 1.0)
        most.append(float(problem.machines_max))
    if problem.budget_minor is not None:
        for column, (one, place) in enumerate(ways):
            put(len(most), column, float(problem.cost_minor(problem.candidates[one], problem.places[place])))
        most.append(float(problem.budget_minor))
    return rows, columns, values, most


def _missing() -> NoSolverError:
    return NoSolverError("the plan needs SciPy, which is not installed: pip install 'barada[fleet]'")

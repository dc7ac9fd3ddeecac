"""A clock that jumps is not trusted until the jump is explained."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from broadcaster.engine.clock_check import (
    STILL_S,
    TOLERANCE_S,
    ClockCheck,
    describe,
    synchronised,
)

NOON = 1_795_000_000.0
HOUR, YEAR = 3600.0, 365 * 86_400.0


class Machine:
    """Two clocks; only the wall clock can be set."""

    def __init__(self) -> None:
        self.boot = 1000.0
        self.wall = NOON
        self.check = ClockCheck().look(self.wall, self.boot, kept=False)

    def passes(self, seconds: float, *, wall: float | None = None, kept: bool = False) -> bool:
        """Whether the clock is trusted after so long, looked at every second."""
        rate = 1.0 if wall is None else wall / seconds
        for _ in range(round(seconds)):
            self.boot += 1
            self.wall += rate
            self.check = self.check.look(self.wall, self.boot, kept=kept)
        return self.check.trusted

    def set(self, seconds: float, *, kept: bool = False) -> bool:
        self.wall += seconds
        self.check = self.check.look(self.wall, self.boot, kept=kept)
        return self.check.trusted


def test_a_clock_that_nobody_sets_is_trusted() -> None:
    assert Machine().passes(1000)


def test_a_small_step_is_a_correction() -> None:
    machine = Machine()
    assert machine.set(TOLERANCE_S - 1)
    assert machine.set(-TOLERANCE_S + 1)


def test_a_jump_either_way_is_not_trusted() -> None:
    for jump in (YEAR, HOUR, 150.0, -150.0, -HOUR, -YEAR):
        machine = Machine()
        assert not machine.set(jump)
        assert not machine.passes(10 * STILL_S)
        assert abs(machine.check.jump - jump) < 1


def test_small_steps_one_after_the_other_are_a_jump() -> None:
    machine = Machine()
    steps = 0
    while machine.set(50) and machine.passes(1):
        steps += 1
    assert steps == 2


def test_a_jump_that_is_taken_back_is_trusted_at_once() -> None:
    machine = Machine()
    machine.set(YEAR)
    machine.passes(300)
    assert machine.set(-YEAR)
    assert machine.passes(10)


def test_a_time_server_explains_it_once_the_clock_stands_still() -> None:
    machine = Machine()
    machine.set(-26 * YEAR)
    assert not machine.passes(STILL_S - 5, kept=True)
    machine.set(30, kept=True)  # the server corrects its own step
    assert not machine.passes(STILL_S - 5, kept=True)
    assert machine.passes(10, kept=True)
    assert machine.check.jump == 0
    assert machine.passes(100)


def test_without_an_explanation_a_person_decides() -> None:
    machine = Machine()
    machine.set(HOUR)
    assert not machine.check.unexplained(machine.boot + STILL_S - 1)
    machine.passes(STILL_S)
    assert machine.check.unexplained(machine.boot)
    machine.check = machine.check.accepted(machine.wall, machine.boot)
    assert machine.passes(100)
    assert not machine.set(-HOUR), "what was accepted is what is expected now"


def test_a_clock_that_is_corrected_gently_is_followed() -> None:
    machine = Machine()
    assert machine.passes(4000, wall=4000 * 1.08)


@given(st.lists(st.floats(-100, 100), max_size=30))
def test_never_trusted_farther_off_than_the_tolerance_and_the_slew(steps: list[float]) -> None:
    machine = Machine()
    trusted = True
    for step in steps:
        trusted = machine.set(step)
        machine.passes(1)
        assert machine.check.expected is not None
        if machine.check.trusted:
            off = machine.wall - machine.boot - machine.check.expected
            assert abs(off) <= TOLERANCE_S
    assert trusted in (True, False)


def test_a_jump_is_described_by_its_two_largest_units() -> None:
    assert describe(7500) == "2 h 5 min ahead"
    assert describe(-YEAR - HOUR) == "365 d 1 h back"
    assert describe(150) == "2 min 30 s ahead"


def test_the_kernel_can_be_asked() -> None:
    assert synchronised() in (True, False)

import pytest

from benchmarks.doctor.noise import LEAST_PAIRS
from benchmarks.doctor.watch import BLOCK_S, Instruments, calibrate, spin, watch
from tests.unit.benchmarks.doctor.fake_machine import NS_PER_ROUND, FakeMachine


def test_work_is_calibrated_to_the_length_of_a_block() -> None:
    rounds = calibrate(FakeMachine().instruments())

    assert rounds * NS_PER_ROUND / 1e9 == pytest.approx(BLOCK_S, rel=0.01)


def test_a_look_takes_about_as_long_as_asked() -> None:
    machine = FakeMachine()

    watch(5.0, machine.instruments())

    assert machine.now_ns / 1e9 == pytest.approx(5.0, rel=0.1)


def test_on_a_quiet_machine_equal_work_takes_equally_long() -> None:
    watched = watch(5.0, FakeMachine().instruments())

    assert watched.noise.ratio.centre == pytest.approx(1.0, abs=1e-4)
    assert watched.noise.detectable.centre < 0.001
    assert watched.noise.pairs == 75


def test_the_noise_of_a_machine_is_measured() -> None:
    watched = watch(20.0, FakeMachine(noise=0.10).instruments())

    assert watched.noise.spread.centre == pytest.approx(0.10 * 2**0.5, rel=0.15)
    assert watched.noise.ratio.low <= 1.0 <= watched.noise.ratio.high


def test_a_machine_that_becomes_slower_gets_fewer_pairs_but_enough() -> None:
    machine = FakeMachine()
    tools = machine.instruments()

    def slower(rounds: int) -> int:
        # Slow from the first block on; the calibration asks before that.
        machine.now_ns += rounds * NS_PER_ROUND * (1 if machine.now_ns < 2.2e9 else 100)
        return rounds

    slow = Instruments(
        clock_ns=tools.clock_ns,
        sleep=tools.sleep,
        spin=slower,
        system=tools.system,
        load=tools.load,
        limits=tools.limits,
    )
    watched = watch(5.0, slow)

    assert LEAST_PAIRS <= watched.noise.pairs < 20


def test_what_others_do_is_seen_while_we_sleep() -> None:
    machine = FakeMachine(busy_share=0.3, steal_share=0.05, pressure_share=0.2, load=1.5)

    watched = watch(5.0, machine.instruments())

    assert watched.idle.busy_share == pytest.approx(0.3, abs=0.02)
    assert watched.idle.steal_share == pytest.approx(0.05, abs=0.02)
    assert watched.idle.pressure_share == pytest.approx(0.2, abs=0.02)
    assert watched.idle.seconds == pytest.approx(2.0, rel=0.01)
    assert watched.load == 1.5


def test_every_nap_is_measured_by_how_late_it_ends() -> None:
    watched = watch(1.0, FakeMachine(lag_s=0.0007).instruments())

    assert min(watched.lags_s) == pytest.approx(0.0007, abs=1e-6)
    assert max(watched.lags_s) == pytest.approx(0.0007, abs=1e-6)


def test_the_smallest_step_of_the_clock_is_seen() -> None:
    assert watch(0.5, FakeMachine().instruments()).resolution_s == pytest.approx(1e-7)


def test_a_clock_that_stands_still_is_too_coarse() -> None:
    machine = FakeMachine()
    still = iter([0] * 200)
    tools = machine.instruments()

    coarse = Instruments(
        clock_ns=lambda: next(still, None) or machine.clock_ns(),
        sleep=tools.sleep,
        spin=tools.spin,
        system=tools.system,
        load=tools.load,
        limits=tools.limits,
    )

    # Only the first 200 askings are of the resolution.
    assert watch(0.5, coarse).resolution_s > 0


def test_stops_for_a_used_up_quota_are_counted_during_the_look() -> None:
    assert watch(0.5, FakeMachine(throttled_per_look=4).instruments()).throttled == 4
    assert watch(0.5, FakeMachine().instruments()).throttled is None


def test_the_work_depends_on_every_round() -> None:
    assert len({spin(rounds) for rounds in range(100)}) == 100


def test_the_real_machine_is_looked_at() -> None:
    watched = watch(0.5)

    assert watched.noise.pairs >= LEAST_PAIRS
    assert len(watched.lags_s) > 1
    assert watched.resolution_s < 0.001

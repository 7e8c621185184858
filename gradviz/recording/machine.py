"""What devices a machine has, and why not more."""

from __future__ import annotations

import msgspec


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """One device that torch can use; `name` is torch's word for it (`cpu`, `cuda:0`).

    Memory is in bytes, None where the system does not say.
    """

    name: str
    title: str
    total_nbytes: int | None = None
    free_nbytes: int | None = None
    capability: str = ""


class MissingDevice(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of device that cannot be used: why, and the one thing to do about it."""

    kind: str
    reason: str
    remedy: str


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """The devices of a machine and the torch build that drives them."""

    torch: str
    python: str
    threads: int
    devices: tuple[Device, ...]
    missing: tuple[MissingDevice, ...] = ()
    driver: str = ""
    build: str = ""


class DeviceLoad(msgspec.Struct, frozen=True, kw_only=True):
    """How busy a device is at a moment.

    `utilisation` is from 0 to 1, None where the device does not tell; memory is that of all
    programs, on Apple's GPU that of the engine alone.
    """

    name: str
    utilisation: float | None
    used_nbytes: int
    total_nbytes: int

import socket

import pytest

from strongroom_embedded.errors import PortTaken
from strongroom_embedded.ports import GRPC_OFFSET, Doors, free_port, free_port_pairs, port_of


def test_a_taken_port_is_refused_and_the_setting_named() -> None:
    first = Doors.open(0)
    port = port_of(first.gateway)
    with pytest.raises(PortTaken, match=rf"Port {port} .* STRONGROOM_PORT"):
        Doors.open(port)
    first.close()


def test_a_port_just_left_can_be_used_again() -> None:
    doors = Doors.open(0)
    port = port_of(doors.gateway)
    with socket.create_connection(("127.0.0.1", port)) as client:
        served, _ = doors.gateway.accept()
        served.close()  # this side closes first, so the port stays in TIME_WAIT
        assert client.recv(1) == b""
    doors.close()
    Doors.open(port).close()


def test_doors_are_on_loopback_and_distinct() -> None:
    doors = Doors.open(0)
    names = {door.getsockname() for door in (doors.gateway, doors.auth, doors.files)}
    assert len(names) == 3
    assert {host for host, _ in names} == {"127.0.0.1"}
    doors.close()


def test_a_service_that_is_not_up_refuses_callers() -> None:
    doors = Doors.open(0)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(doors.auth.getsockname())
    doors.close()


def test_free_ports_keep_out_of_the_way_of_outgoing_connections() -> None:
    pairs = free_port_pairs(5)
    everything = {*pairs, *(port + GRPC_OFFSET for port in pairs)}
    assert len(everything) == 10
    assert max(everything | {free_port()}) < 32768

"""Where the nodes of a picture go: the same graph always gets the same picture."""

from __future__ import annotations

import igraph
import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]


def place(nodes: int, edges: list[tuple[int, int]], radii: list[float], width: float) -> Points:
    """Return an (x, y) for each node, at least its radius from the edge of the picture.

    Each connected part is laid out by Kamada and Kawai's springs (1989) from a circle, then
    nodes that lie on one another are pushed apart; the parts stand in rows, largest first.
    """
    graph = igraph.Graph(n=nodes, edges=edges)
    room = np.asarray(radii)
    points = np.zeros((nodes, 2))
    parts = sorted(graph.connected_components(), key=lambda part: (-len(part), part[0]))
    left = top = tallest = 0.0
    for part in parts:
        own = _arranged(graph.induced_subgraph(part), room[part], width)
        size = own.max(axis=0)
        if left and left + size[0] > width:
            left, top, tallest = 0.0, top + tallest, 0.0
        points[part] = own + np.array([left, top])
        left, tallest = left + size[0], max(tallest, size[1])
    right = (points[:, 0] + room).max(initial=0.0)
    points[:, 0] += max(0.0, (width - right) / 2)
    return np.round(points, 1)


def _arranged(part: igraph.Graph, room: Points, width: float) -> Points:
    """Lay one connected part out inside a box that begins at the origin."""
    count = part.vcount()
    if count == 1:
        return np.array([[room[0], room[0]]])
    turns = 2 * np.pi * np.arange(count) / count
    start = np.column_stack([np.cos(turns), np.sin(turns)])
    layout = part.layout_kamada_kawai(seed=start.tolist(), maxiter=50 * count)
    points = _upright(np.round(np.array(layout.coords), 6))
    span = np.ptp(points, axis=0)
    reach = min(width - 2 * room.max(), 130.0 * np.sqrt(count) + 120)
    points *= reach / max(span[0], span[1] * 1.7, 1e-9)
    points = _apart(points, room)
    points -= (points - room[:, None]).min(axis=0)
    far = (points + room[:, None]).max(axis=0)
    return np.asarray(points * np.array([min(1.0, width / far[0]), 1.0]))


def _upright(points: Points) -> Points:
    """Turn a layout so that it is wider than high, about its longest axis."""
    centred = points - points.mean(axis=0)
    spread = centred.T @ centred
    angle = 0.5 * np.arctan2(2 * spread[0, 1], spread[0, 0] - spread[1, 1])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray(centred @ turn)


def _apart(points: Points, room: Points) -> Points:
    """Push nodes away from each other until none overlap, or 200 rounds have passed."""
    need = room[:, None] + room[None, :]
    for _ in range(200):
        gap = points[:, None, :] - points[None, :, :]
        distance = np.maximum(np.hypot(gap[..., 0], gap[..., 1]), 1e-6)
        overlap = np.maximum(need - distance, 0)
        np.fill_diagonal(overlap, 0)
        if not overlap.any():
            break
        points = points + (gap / distance[..., None] * overlap[..., None]).sum(axis=1) * 0.3
    return points

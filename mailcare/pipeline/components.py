"""Connected components of a graph given as edges."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from mailcare.hours.arrays import Ints


def components(one: Ints, other: Ints, nodes: int) -> Ints:
    """The component of each of the nodes 0 … nodes - 1, where ``one[i]`` and ``other[i]`` are connected."""
    edges = coo_array((np.ones(len(one), np.int8), (one, other)), shape=(nodes, nodes))
    return np.asarray(connected_components(edges, directed=False)[1], np.int64)

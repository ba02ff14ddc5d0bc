"""Names for the numpy arrays that the stages pass on."""

from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.integer[Any]]
Floats = npt.NDArray[np.floating[Any]]
Flags = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]

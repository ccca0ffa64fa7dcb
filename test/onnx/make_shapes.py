"""Writes the arrays of eval-shapes.test into a folder."""
import os
import sys

import numpy

folder = sys.argv[1]
numpy.save(os.path.join(folder, "x.npy"), numpy.arange(24, dtype="float32").reshape(2, 3, 4))
numpy.save(os.path.join(folder, "shape.npy"), numpy.array([4, 2, 3]))
numpy.save(os.path.join(folder, "long.npy"), numpy.array([4, 2, 3, 1]))

"""What prompts are about: fields, topics, projects, templates, public sets; and embeddings."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.elsewhere.draws import Floats, Rng, favourite, pick, several


@dataclass(frozen=True)
class Task:
    """Prompts around one centre; their cosine to it lies between low and high."""

    centre: int
    low: float
    high: float


class Library:
    """All centres of one platform's world, in the space without the common direction."""

    def __init__(self, rng: Rng, dimension: int) -> None:
        self.rng = rng
        self.scale = rng.permutation((1.0 + np.arange(dimension) * 3.0 / dimension) ** -0.5)
        self.common = self.direction()
        self.centres: list[Floats] = []
        fields = [self.direction() for _ in range(9)]
        self.topics = [self.near(pick(rng, fields), 0.4) for _ in range(70)]
        self.benchmarks = [self.texts(24, 0.96, 0.999) for _ in range(5)]
        self.defaults = [self.texts(1, 0.97, 0.999)[0] for _ in range(7)]

    def direction(self) -> Floats:
        vector = self.rng.normal(size=len(self.scale)) * self.scale
        return np.asarray(vector / np.linalg.norm(vector))

    def near(self, centre: Floats, cosine: float) -> Floats:
        """A direction at about this cosine from a centre."""
        vector = cosine * centre + (1 - cosine**2) ** 0.5 * self.direction()
        return np.asarray(vector / np.linalg.norm(vector))

    def add(self, centre: Floats, low: float, high: float) -> Task:
        self.centres.append(centre)
        return Task(len(self.centres) - 1, low, high)

    def texts(self, count: int, low: float, high: float) -> tuple[Task, ...]:
        """Texts with changing parts on one topic."""
        topic = favourite(self.rng, self.topics)
        return tuple(self.add(self.near(topic, 0.6), low, high) for _ in range(count))

    def interests(self, count: int) -> tuple[Task, ...]:
        """What a person wanders over: whole topics, and projects inside a topic."""
        topics = [favourite(self.rng, self.topics) for _ in range(count)]
        wide = [self.add(topic, 0.4, 0.65) for topic in topics[::2]]
        close = [self.add(self.near(topic, 0.75), 0.5, 0.75) for topic in topics[1::2]]
        return (*wide, *close)

    def tasks(self, kind: str) -> tuple[Task, ...]:
        """The tasks of one sort; none for a sort without a name."""
        if kind == "benchmark":
            return several(self.rng, pick(self.rng, self.benchmarks), 16)
        if kind in ("default", "starter"):
            own = self.texts(int(kind == "starter"), 0.9, 0.99)
            return (*own, *several(self.rng, self.defaults, 2 - len(own)))
        if kind == "client":
            return (*self.interests(2), *self.texts(1, 0.7, 0.9))
        number = {"template": pick(self.rng, range(1, 4)), "attack": 4, "homework": 5}.get(kind, 0)
        return self.texts(number, 0.76, 0.94)

    def embed(self, centres: list[int], cosines: list[float]) -> npt.NDArray[np.float16]:
        """Embeddings of prompts: the common direction, the centre, and what is their own."""
        base = np.stack(self.centres).astype(np.float32)[np.array(centres)]
        noise = self.rng.standard_normal(base.shape, dtype=np.float32)
        noise *= self.scale.astype(np.float32)
        noise -= (noise * base).sum(axis=1, keepdims=True) * base
        noise /= np.linalg.norm(noise, axis=1, keepdims=True)
        close = np.array(cosines, dtype=np.float32)[:, None]
        rows = close * base + np.sqrt(1 - close**2) * noise + 1.1 * self.common.astype(np.float32)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float16)

    def references(self) -> list[tuple[str, str, int]]:
        """Name, kind and centre of what is publicly known: most of it, not all."""
        public = [task.centre for tasks in self.benchmarks[:-1] for task in tasks]
        skills = [self.add(topic, 1.0, 1.0).centre for topic in self.topics[::9]]
        starters = [task.centre for task in self.defaults[:-1]]
        kinds = {"benchmark": public, "default": starters, "capability": skills}
        return [(f"{kind}-{i}", kind, c) for kind, row in kinds.items() for i, c in enumerate(row)]

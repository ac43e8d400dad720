"""Independent references of the selection strategies, in numpy and float64.

Reads one JSON document from standard input, a list of cases, each `{"kind": ..., ...}`, and writes the list of answers.
Nothing here is shared with the product's code: each function follows the published description.
"""

import json
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

Case = dict[str, Any]
Points = NDArray[np.float64]


def k_center(case: Case) -> Case:
    """Greedy k-center with every distance brought up to date after every choice (Sener and Savarese, 2018)."""
    points = np.asarray(case["points"], dtype=np.float64)
    references = np.asarray(case["references"], dtype=np.float64).reshape(-1, points.shape[1])
    chosen = []
    nearest = np.full(len(points), np.inf)
    if len(references):
        nearest = (1 - points @ references.T).min(axis=1)
    else:
        chosen.append(case["first"])
        nearest = 1 - points @ points[case["first"]]
    while len(chosen) < min(case["count"], len(points)):
        open_ones = np.ones(len(points), dtype=bool)
        open_ones[chosen] = False
        farthest = int(np.argmax(np.where(open_ones, nearest, -np.inf)))
        chosen.append(farthest)
        nearest = np.minimum(nearest, 1 - points @ points[farthest])
    return {"order": chosen}


def lloyd(points: Points, centres: Points) -> float:
    for _ in range(300):
        distances = ((points[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)
        owner = distances.argmin(axis=1)
        moved = np.stack(
            [points[owner == k].mean(axis=0) if (owner == k).any() else centres[k] for k in range(len(centres))]
        )
        if np.allclose(moved, centres):
            break
        centres = moved
    distances = ((points[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)
    return float(distances.min(axis=1).sum())


def k_means(case: Case) -> Case:
    """The best objective of many starts, and the objective of the clusters that are to be judged."""
    points = np.asarray(case["points"], dtype=np.float64)
    centres = np.asarray(case["centres"], dtype=np.float64)
    assignment = np.asarray(case["assignment"])
    distances = ((points[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)
    own = distances[np.arange(len(points)), assignment]
    generator = np.random.default_rng(0)
    best = min(
        lloyd(points, points[generator.choice(len(points), len(centres), replace=False)]) for _ in range(case["starts"])
    )
    return {
        "inertia": float(own.sum()),
        "isNearest": bool(np.all(own <= distances.min(axis=1) + 1e-5)),
        "best": float(best),
    }


def typicality_of(points: Points) -> Points:
    count = max(1, min(20, len(points) // 2))
    distances = np.sqrt(((points[:, None, :] - points[None, :, :]) ** 2).sum(axis=2))
    np.fill_diagonal(distances, np.inf)
    return 1 / (np.sort(distances, axis=1)[:, :count].mean(axis=1) + 1e-5)


def typicality(case: Case) -> Case:
    return {"values": typicality_of(np.asarray(case["points"], dtype=np.float64)).tolist()}


def typiclust(case: Case) -> Case:
    """The walk over clusters: fewest labelled first, then the largest; the most typical unlabelled one of each."""
    points = np.asarray(case["points"], dtype=np.float64)
    clusters = np.asarray(case["clusters"])
    labelled = np.asarray(case["labelled"], dtype=bool)
    names, sizes = np.unique(clusters, return_counts=True)
    rows = [
        (int(labelled[clusters == name].sum()), -int(size), int(name))
        for name, size in zip(names, sizes, strict=True)
        if size > 5
    ]
    order = [name for _, _, name in sorted(rows)]
    left = clusters.copy()
    left[labelled] = -1
    chosen = []
    turn = 0
    while len(chosen) < case["count"]:
        members = np.flatnonzero(left == order[turn % len(order)])
        turn += 1
        if len(members) == 0:
            continue
        picked = int(members[np.argmax(typicality_of(points[members]))]) if len(members) > 1 else int(members[0])
        chosen.append(picked)
        left[picked] = -1
    return {"order": chosen}


def class_distances(case: Case) -> Case:
    """PPAL's CCMS with one vector an image: the directed distances of both ways, on average."""
    points = np.asarray(case["points"], dtype=np.float64)
    expected = np.asarray(case["expected"], dtype=np.float64)
    leading = expected == expected.max(axis=1, keepdims=True)
    expected = np.where(np.where(leading, expected >= 0.05, expected >= 0.25), expected, 0)
    image = 1 - points @ points.T
    n = len(points)
    distances = np.zeros((n, n))
    for a in range(n):
        for b in range(n):
            if a == b:
                continue
            ways = []
            for source, target in ((a, b), (b, a)):
                weights = expected[source]
                per_class = np.where(expected[target] > 0, image[a, b], 2.0)
                total = weights.sum()
                ways.append(float((weights * per_class).sum() / total) if total > 0 else image[a, b])
            distances[a, b] = sum(ways) / 2
    return {"distances": distances.ravel().tolist()}


def k_medoids(case: Case) -> Case:
    """Alternating k-medoids from the same start."""
    n = case["n"]
    distances = np.asarray(case["distances"], dtype=np.float64).reshape(n, n)
    medoids = list(case["start"])
    for _ in range(100):
        to = distances[medoids].copy()
        for k, medoid in enumerate(medoids):
            to[k, medoid] = -1
        owner = to.argmin(axis=0)
        moved = []
        for k in range(len(medoids)):
            members = np.flatnonzero(owner == k)
            sums = distances[np.ix_(members, members)].sum(axis=1)
            # Of two members each is as central as the other: the first one stands for both.
            moved.append(int(members[sums <= sums.min() + 1e-9].min()))
        if moved == medoids:
            break
        medoids = moved
    return {"medoids": medoids, "cost": float(distances[medoids].min(axis=0).sum())}


def hybrid(case: Case) -> Case:
    """The greedy pass: uncertainty x class need x distance to everything labelled or chosen."""
    points = np.asarray(case["points"], dtype=np.float64)
    scores = np.asarray(case["scores"], dtype=np.float64)
    expected = np.asarray(case["expected"], dtype=np.float64)
    labelled_boxes = np.asarray(case["boxesByClass"], dtype=np.float64)
    taken = list(case["taken"])
    references = np.concatenate(
        [np.asarray(case["labelledPoints"], dtype=np.float64).reshape(-1, points.shape[1]), points[taken]]
    )
    open_ones = [i for i in range(len(points)) if case["hasDetections"][i] and i not in set(taken)]
    shortlist = max(4 * case["batch"], min(len(points) // 10, 2000))
    candidates = sorted(open_ones, key=lambda i: (-scores[i], i))[:shortlist]
    fair = labelled_boxes.sum() / len(labelled_boxes)
    needs = np.clip(np.sqrt((fair + 5) / (labelled_boxes + 5)), 0.5, 2)
    totals = expected.sum(axis=1)
    need = np.where(totals > 0, (expected * needs).sum(axis=1) / np.where(totals > 0, totals, 1), 1)
    distance = np.maximum(0, 1 - points[candidates] @ references.T).min(axis=1)
    cap = np.percentile(distance, 95)
    chosen = []
    while len(chosen) < case["places"]:
        value = scores[candidates] * need[candidates] * np.minimum(1, distance / cap)
        value[[candidates.index(i) for i in chosen]] = -np.inf
        best = candidates[int(np.argmax(value))]
        chosen.append(best)
        distance = np.minimum(distance, np.maximum(0, 1 - points[candidates] @ points[best]))
    return {"order": chosen}


def class_balanced(case: Case) -> Case:
    """Greedy: the highest mean need of the expected boxes and one neutral box; needs are new after every choice."""
    scores = np.asarray(case["scores"], dtype=np.float64)
    expected = np.asarray(case["expected"], dtype=np.float64)
    have = np.asarray(case["boxesByClass"], dtype=np.float64).copy()
    chosen = []
    while len(chosen) < case["places"]:
        needs = np.minimum(5, (have.mean() + 1) / (have + 1))
        neutral = np.ones((len(expected), 1))
        shrunk = np.average(
            np.hstack([np.tile(needs, (len(expected), 1)), neutral]), axis=1, weights=np.hstack([expected, neutral])
        )
        value = shrunk * (1 + scores) / 2
        value[chosen] = -np.inf
        best = int(np.argmax(value))
        chosen.append(best)
        have += expected[best]
    return {"order": chosen}


def stratified(case: Case) -> Case:
    """Place by place the class whose best image brings the shares of boxes nearest to the pool's; empties when due."""
    scores = np.asarray(case["scores"], dtype=np.float64)
    best = np.asarray(case["bestScores"], dtype=np.float64)
    expected = np.asarray(case["expected"], dtype=np.float64)
    found = np.asarray(case["hasDetections"], dtype=bool)
    leading = np.where(found & (expected.sum(axis=1) > 0), expected.argmax(axis=1), -1)
    rank = np.where(leading < 0, best, scores)
    wanted = expected[leading >= 0].sum(axis=0)
    wanted = wanted / wanted.sum()
    empty_share = float((leading < 0).mean())
    chosen: list[int] = []
    boxes = np.zeros(expected.shape[1])
    empties = 0
    while len(chosen) < case["places"]:
        heads = {}
        for name in sorted(set(leading.tolist())):
            members = [i for i in np.flatnonzero(leading == name) if i not in chosen]
            if members:
                heads[name] = min(members, key=lambda i: (-rank[i], i))
        due = empty_share * (len(chosen) + 1) - empties >= 0.5
        if -1 in heads and (due or len(heads) == 1):
            chosen.append(int(heads[-1]))
            empties += 1
            continue
        then = {name: boxes + expected[i] for name, i in heads.items() if name != -1}
        off = {name: float(((total / total.sum() - wanted) ** 2).sum()) for name, total in then.items()}
        name = min(off, key=lambda key: (off[key], key))
        chosen.append(int(heads[name]))
        boxes = then[name]
    return {"order": chosen}


def one_of_each(case: Case) -> Case:
    """Of each cluster, the largest first, the highest score among the half that is nearest to the mean."""
    points = np.asarray(case["points"], dtype=np.float64)
    clusters = np.asarray(case["clusters"])
    scores = np.asarray(case["scores"], dtype=np.float64)
    chosen = []
    for name in sorted(set(clusters.tolist()), key=lambda key: (-(clusters == key).sum(), np.argmax(clusters == key))):
        members = np.flatnonzero(clusters == name)
        away = np.linalg.norm(points[members] - points[members].mean(axis=0), axis=1)
        inner = members[np.argsort(away, kind="stable")][: (len(members) + 1) // 2]
        chosen.append(int(inner[np.argmax(scores[inner])]))
    return {"order": chosen}


def ppal(case: Case) -> Case:
    """PPAL as a whole: one image a scene, the 4b highest, farthest-first, k-medoids, and the greedy queue."""
    scores = np.asarray(case["scores"], dtype=np.float64)
    open_ones = [i for i in range(len(scores)) if case["hasDetections"][i]]
    ranked = sorted(open_ones, key=lambda i: (-scores[i], i))
    scenes: set[int] = set()
    shortlist = []
    for i in ranked:
        if case["scenes"][i] not in scenes:
            scenes.add(case["scenes"][i])
            shortlist.append(i)
    shortlist = shortlist[: 4 * case["places"]]
    n = len(shortlist)
    flat = class_distances(
        {"points": [case["points"][i] for i in shortlist], "expected": [case["expected"][i] for i in shortlist]}
    )["distances"]
    distances = np.asarray(flat).reshape(n, n)
    start = [int(case["draw"] * n)]
    while len(start) < case["places"]:
        nearest = distances[start].min(axis=0)
        nearest[start] = -1
        start.append(int(nearest.argmax()))
    medoids = k_medoids({"n": n, "distances": flat, "start": start})["medoids"]
    order: list[int] = []
    while len(order) < len(medoids):
        left = [m for m in sorted(medoids) if m not in order]
        order.append(min(left, key=lambda m: distances[[*order, m]].min(axis=0).sum()))
    return {"shortlist": shortlist, "order": [shortlist[m] for m in order]}


KINDS = {
    "stratified": stratified,
    "one-of-each": one_of_each,
    "ppal": ppal,
    "k-center": k_center,
    "k-means": k_means,
    "typicality": typicality,
    "typiclust": typiclust,
    "class-distances": class_distances,
    "k-medoids": k_medoids,
    "hybrid": hybrid,
    "class-balanced": class_balanced,
}

json.dump([KINDS[case["kind"]](case) for case in json.load(sys.stdin)], sys.stdout)

export interface Medoids {
  /** The item that represents each cluster. */
  readonly medoids: readonly number[];
  /** Cluster by item. */
  readonly assignment: Int32Array;
  /** Sum of the distances to the medoids, which k-medoids minimises. */
  readonly cost: number;
}

const MOST_ROUNDS = 100;

/**
 * Alternating k-medoids on a distance matrix, from given medoids: every item joins the nearest medoid (ties by
 * cluster), and every cluster selects the member with the smallest sum of distances to the others (ties by item), until
 * nothing changes. The cost never rises.
 * @param distances n × n, row-major, symmetric, 0 on the diagonal.
 */
export function kMedoids(distances: Float32Array, n: number, start: readonly number[]): Medoids {
  let medoids = [...start];
  let result = nearestMedoids(distances, n, medoids);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const next = centralMembers(distances, n, medoids, result.assignment);
    if (next.every((item, cluster) => item === medoids[cluster])) break;
    medoids = next;
    result = nearestMedoids(distances, n, medoids);
  }
  return { medoids, ...result };
}

/** Farthest-first on a distance matrix, ties by item. */
export function farthestItems(distances: Float32Array, n: number, count: number, first: number): number[] {
  const chosen = [first];
  const nearest = distances.slice(first * n, (first + 1) * n);
  const taken = new Set(chosen);
  while (chosen.length < Math.min(count, n)) {
    let farthest = -1;
    for (let i = 0; i < n; i++) {
      if (!taken.has(i) && (farthest < 0 || (nearest[i] as number) > (nearest[farthest] as number))) farthest = i;
    }
    chosen.push(farthest);
    taken.add(farthest);
    for (let i = 0; i < n; i++) nearest[i] = Math.min(nearest[i] as number, distances[farthest * n + i] as number);
  }
  return chosen;
}

function nearestMedoids(distances: Float32Array, n: number, medoids: readonly number[]) {
  const assignment = new Int32Array(n);
  let cost = 0;
  for (let i = 0; i < n; i++) {
    let best = Infinity;
    for (const [cluster, medoid] of medoids.entries()) {
      // A medoid stays in its own cluster, even beside another item at distance 0.
      const distance = medoid === i ? -1 : (distances[medoid * n + i] as number);
      if (distance >= best) continue;
      best = distance;
      assignment[i] = cluster;
    }
    cost += Math.max(0, best);
  }
  return { assignment, cost };
}

function centralMembers(
  distances: Float32Array,
  n: number,
  medoids: readonly number[],
  assignment: Int32Array,
): number[] {
  const members = medoids.map((): number[] => []);
  for (const [item, cluster] of assignment.entries()) members[cluster]?.push(item);
  return members.map((items, cluster) => {
    let best = medoids[cluster] ?? 0;
    let least = sumTo(distances, n, best, items);
    for (const item of items) {
      const sum = sumTo(distances, n, item, items);
      if (sum < least || (sum === least && item < best)) {
        best = item;
        least = sum;
      }
    }
    return best;
  });
}

function sumTo(distances: Float32Array, n: number, from: number, items: readonly number[]): number {
  let sum = 0;
  for (const item of items) sum += distances[from * n + item] as number;
  return sum;
}

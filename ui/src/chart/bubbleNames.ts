/** Where the names of bubbles stand, so that they are read and hide no bubble. */

/** A circle in pixels. */
export interface Circle {
  left: number;
  top: number;
  radius: number;
}

/** The place of a name. */
export interface NamePlace {
  left: number;
  /** The middle of its line. */
  middle: number;
  /** Where a line that leads to its bubble ends; `null` for a name beside its bubble. */
  lead: { left: number; top: number } | null;
}

interface NameBox {
  left: number;
  right: number;
  middle: number;
}

/** Half the height of a name, and what is free between it and its bubble. */
const [HALF, APART] = [6, 4];
/** How far from its bubble a name may be that has a line to it. */
const LEADS = [16, 28, 42];

const isOver = (one: NameBox, other: NameBox): boolean =>
  Math.abs(one.middle - other.middle) < 2 * HALF &&
  one.left < other.right &&
  other.left < one.right;

/** True if a circle reaches into the box of a name. */
function reaches({ left, top, radius }: Circle, box: NameBox): boolean {
  const across = Math.max(box.left - left, 0, left - box.right);
  const down = Math.max(Math.abs(box.middle - top) - HALF, 0);
  return Math.hypot(across, down) < radius;
}

/** The places of a name around its bubble, the nearest first. */
function placesOf({ left, top, radius }: Circle, width: number): NamePlace[] {
  const beside = (middle: number, far: number, lead: number | null): NamePlace[] => {
    const leadAt = (left: number): NamePlace["lead"] =>
      lead === null ? null : { left, top: lead };
    const [right, before] = [left + far, left - far];
    return [
      { left: right, middle, lead: leadAt(right - 2) },
      { left: before - width, middle, lead: leadAt(before + 2) },
    ];
  };
  const over = (far: number, isLed: boolean): NamePlace[] =>
    [top - far, top + far].map((middle) => {
      const end = middle + Math.sign(top - middle) * HALF;
      return { left: left - width / 2, middle, lead: isLed ? { left, top: end } : null };
    });
  return [
    ...beside(top, radius + APART, null),
    ...over(radius + HALF + 1, false),
    ...LEADS.flatMap((away) => {
      const far = radius + away;
      const [above, below] = [top - far * 0.7, top + far * 0.7];
      return [
        ...beside(above, far * 0.7 + APART, above),
        ...beside(below, far * 0.7 + APART, below),
        ...over(far + HALF, true),
        ...beside(top, far + APART, top),
      ];
    }),
  ];
}

/**
 * The places of names of these widths beside their bubbles, within an area: where no other name is, and no
 * bubble if there is room. `null` for a name without any room.
 */
export function placeNames(
  named: readonly { own: Circle; width: number }[],
  circles: readonly Circle[],
  area: { left: number; right: number; top: number; bottom: number },
): (NamePlace | null)[] {
  const taken: NameBox[] = [];
  return named.map(({ own, width }) => {
    const free = placesOf(own, width).filter(({ left, middle }) => {
      const box = { left, right: left + width, middle };
      const isInside = left >= area.left && box.right <= area.right;
      if (!isInside || middle - HALF < area.top || middle + HALF > area.bottom) return false;
      return !taken.some((one) => isOver(one, box));
    });
    const hidden = free.map(
      ({ left, middle }) =>
        circles.filter((circle) => reaches(circle, { left, right: left + width, middle })).length,
    );
    const found = free[hidden.indexOf(Math.min(...hidden))] ?? null;
    if (found !== null) {
      const { left, middle } = found;
      taken.push({ left, right: left + width, middle });
    }
    return found;
  });
}

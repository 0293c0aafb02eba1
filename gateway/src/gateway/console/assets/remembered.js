/** What this browser remembers of how somebody likes things. Nothing, where it was told to keep nothing. */

function trying(work) {
  try {
    return work();
  } catch {
    return null; // storage is shut
  }
}

export const remembered = {
  get: (name) => trying(() => localStorage.getItem(name)),
  set: (name, value) => trying(() => localStorage.setItem(name, value)),
  forget: (name) => trying(() => localStorage.removeItem(name)),
};

/** What is asked of the articles, and a quiz as answers come in; nothing here asks the service. */

const WANTED = ["kind", "tag", "q"];

/**
 * Which articles an address asks for, "" where it does not say.
 * @param {string} hash such as "#/contents?kind=policy&tag=%E7%94%A8%E7%94%B5"
 * @returns {{kind: string, tag: string, q: string}}
 */
export function wantedIn(hash) {
  const query = new URLSearchParams(hash.split("?").slice(1).join("?"));
  return Object.fromEntries(WANTED.map((name) => [name, query.get(name) ?? ""]));
}

/** The address of the list with what is wanted of it; the inverse of `wantedIn`. */
export function articlesAt(wanted) {
  const query = new URLSearchParams(WANTED.filter((name) => wanted[name]).map((name) => [name, wanted[name]]));
  return query.size === 0 ? "#/contents" : `#/contents?${query}`;
}

/**
 * Where a source can be read: on the web, or at a route of this service, from the page's address
 * on; null where an address is neither.
 */
export function placeOf(address) {
  if (/^https?:\/\/[a-z0-9]/iu.test(address)) {
    return address;
  }
  return /^\/v1\/[\w./@-]*$/u.test(address) ? address.slice(1) : null;
}

/** How many of a quiz's questions are asked, answered and answered right. */
export function countOf({ questions }) {
  const answers = questions.flatMap(({ answer }) => answer ?? []);
  const right = answers.filter(({ is_correct: isCorrect }) => isCorrect);
  return { asked: questions.length, answered: answers.length, right: right.length };
}

/** The quiz once a question is graded as the service says. */
export function withAnswer(quiz, { question_id: id, day, streak_days, ...answer }) {
  return {
    ...quiz,
    questions: quiz.questions.map((each) => (each.question_id === id ? { ...each, answer } : each)),
    streak_days,
    points_today: quiz.points_today + answer.points,
  };
}

// Package vonageinsights searches, gets and deletes the conversations that people
// had with the virtual agents of Vonage AI Studio, through its Insights API.
//
//	client, err := vonageinsights.NewClient(key, vonageinsights.EU)
//	if err != nil {
//		return err
//	}
//	query := vonageinsights.Query{
//		From:   time.Now().AddDate(0, 0, -30),
//		To:     time.Now(),
//		Filter: vonageinsights.Where(field.TranscriptionClient.Matches("refund")),
//	}
//	for session, err := range client.Search(ctx, query) {
//		if err != nil {
//			return err
//		}
//		for turn := range session.Turns() {
//			fmt.Println(turn.Role, turn.Text)
//		}
//	}
//
// It follows studio.docs.ai.vonage.com/api-integration/vai-integration-guide. It
// was never run against the live service: where that page is silent or
// contradicts itself, this documentation says what was decided, and a fake for
// your tests is in package vonageinsightstest.
//
// # What does what
//
//   - all sessions of a range, as they come: [Client.Search]
//   - the same faster, with its progress, and resumable: [Client.Export]
//   - a page for a screen, in any order: [Client.SearchPage]
//   - one session: [Client.Session], or [Client.FindSession] if its day is unknown
//   - its conversation, parameters, tags: [Session.Turns], [Session.Parameter],
//     [Session.Tags]; written as text or Markdown: [callinsights.WriteTranscript]
//   - its recording: [Session.Recording], [Client.WaitRecording], [Client.DownloadRecording]
//   - deleting one, or all of a caller: [Client.DeleteSession], [Client.DeleteMatching]
//   - filters: [Where], [Filter.Not], [Filter.Any], and the fields of package field
//   - a log, metrics and traces, a proxy or transport of yours: [WithLogger],
//     [WithObserver], [WithHTTPClient]
//   - tests of your own: package vonageinsightstest
//
// # Key and region
//
// The key is the one of the account in AI Studio, see
// studio.docs.ai.vonage.com/api-integration/authentication. It cannot be shown
// again there, only be replaced, which ends the old one: [WithAPIKeyFunc] is for
// keys that change while a program runs. It is sent to the configured host alone
// and shown nowhere.
//
// Sessions live in the region of their agent, [EU] or [US], and a client sees one
// region. In the wrong one there is no error: searches have no hits, and single
// sessions are not found.
//
// # Time
//
// The service writes and takes times without a zone. They are read as UTC and
// sent as UTC. That is an assumption, for which there is good evidence in the
// service's own examples; all times of this package are in UTC.
//
// A query's From and To are both included, to the microsecond: a To at
// midnight is that moment and not the day that it begins. [Days] is for whole
// days. What identifies a session for [Client.Session] and
// [Client.DeleteSession] is its id and the day on which it began, in UTC;
// midnight is sent as the date alone.
//
// # Ranges and pages
//
// [Client.Search] returns each session of any range once, by start time, however
// many there are. The service answers for less than 60 days at once, [MaxRange],
// so a long range takes several requests. [Client.SearchPage] returns one page of
// such an answer, in any order.
//
// [Client.Export] is for long reads: it reads several pages at a time ([Parallel])
// or ahead ([Prefetch]), knows how far it has come, and goes on from a checkpoint
// after an interruption, in another process too ([ResumeFrom]). [Query.Split]
// divides a read among several programs.
//
// The service does not say whether from_date and to_date are included, nor how
// exactly it keeps times. So Search and Export ask for a little more than what is
// wanted, up to a millisecond at each end, and drop what is outside. All that
// matters is the session_start_time that a session comes with.
//
// # Filters
//
// Package field has a typed constant for each field that can be searched by:
//
//	vonageinsights.Where(field.AgentInformationID.Is("1234567"),
//		field.TranscriptionClient.Matches("shut up")).
//		Not(field.FlowDataCollectedTagsTag.Is("invalid"))
//
// The service hands the filter to a search engine, Elasticsearch, whose rules
// apply:
//
//   - Is compares exactly, with upper and lower case, and never a part of a
//     text. A number is not the text of its digits.
//   - Matches finds what has at least one of the words: "shut up" also finds
//     "what's up". Words are compared without upper and lower case.
//   - Lists of objects are flattened: a clause on params_list.name and one on
//     params_list.value may be met by two different parameters. [field.Parameter]
//     asks for one parameter's value.
//   - With [Filter.Any], at least one of its clauses has to be met, also where
//     there are others: so says the service. Newer engines do otherwise unless
//     told, so check the first results.
//   - A field that does not exist is no error. It finds nothing.
//
// # Recordings
//
// A session has no recording right after the call, and the service never says that
// there will be none: [Client.WaitRecording] asks for the session until there is
// one or its context ends. [Session.Recording] tells the forms apart in which the
// service says where it is, and [Client.DownloadRecording] writes it to a file or
// anything else, with a limit and without a credential. A path alone takes
// [RelativeTo], as the service does not say what it is below.
//
// # Deleting
//
// [Client.DeleteSession] deletes one session and [Client.DeleteMatching] all that
// a query wants, with a dry run. A filter without a clause needs an option of its
// own. A deletion that was interrupted is repeated as it was, until it matches
// nothing. What becomes of recordings is not documented.
//
// # Errors
//
// A call that fails returns an [*Error], which matches one of the sentinels:
//
//   - [ErrInvalidRequest]: refused before anything was sent, and then the text
//     says what is wrong; or refused by the service with a status such as 400.
//   - [ErrUnauthorized]: 401. The service answers so to a wrong key and to
//     parameters that it does not like. Once it has accepted the key of this
//     client, a 401 matches [ErrInvalidRequest] too: the dates or the filter are
//     then the likelier fault, unless the key has been replaced.
//   - [ErrNotFound]: 404, for a single session that is not there: the id, its day
//     or the region may be wrong. A search that finds nothing is no error. After
//     a deletion that was repeated because an attempt failed, it says that the
//     earlier attempt may have deleted the session.
//   - [ErrForbidden]: 403, which is not documented for this API. The host of a
//     recording may answer so, or with 401, to an old token.
//   - [ErrRateLimited]: 429. No limits are documented for this API.
//   - [ErrUnavailable]: no answer, or 5xx.
//   - [ErrInvalidResponse]: an answer that cannot be used, such as a page of HTML.
//
// No hits are ambiguous: there may be none, the region may be wrong, or a field
// may be unknown to the service.
//
// # Retries
//
// What is repeated: every call, deletions too, after 408, 425, 429, 500, 502, 503
// and 504, after an attempt that took too long, after a connection that could not
// be made or broke off, and after an answer that broke off. A page of
// [Client.Search] that breaks off while it arrives is asked for again from the last
// session delivered on, as many times in a row without anything new as there may
// be attempts. Nothing is repeated after another answer, such as a 401, or after a
// fault that stays: a host that does not exist, a certificate that is not valid,
// TLS that fails, something other than HTTP, a redirect.
//
// When: at most 4 requests are sent. The waits between them are drawn at random,
// from 0 to 0.5 s after the first request and to twice as much after each further
// one, up to 30 s, and none is shorter than a Retry-After header asks for, in
// seconds or as a date. If the service asks for more than 90 s, or for more than
// the context allows, the call ends at once, with an error that says for how much.
// All calls of a client repeat at the expense of one budget, which allows about
// 100 repeats in a row; five successes earn another. Repeats after a 429 are free
// of it. A call that finds the budget used up is sent once.
//
// The file of a recording follows a schedule of its own, as it may be there later
// than its URL: it is repeated after 404 too, at most 6 requests are sent, and the
// waits between them are 5, 5, 10, 20 and 40 s, or what Retry-After asks for. It
// is repeated as long as nothing of it has been written, at the expense of a budget
// of its own. [Client.WaitRecording] asks until its context ends.
//
// How long it takes: an attempt may take 60 s; while the sessions of a search
// arrive, it may not wait longer than that for something to come. A service that
// fails at once is given up after 3.5 s at most; one that does not answer, after 4
// minutes; one that answers as late as it may and asks for 90 s each time, after
// 8.5 minutes. Give calls a context with a deadline: it ends a call on time, whatever
// goes on.
//
// [WithRetry] and [WithAttemptTimeout] change the numbers. They, and all of this
// section, are not part of the compatibility promise.
//
// # Decoding
//
// The service's page and its samples differ in many places, so sessions are
// decoded tolerantly, on top of what the whole module takes (numbers in texts,
// texts that are numbers, null anywhere, times with and without zones and
// fractions):
//
//   - a parameter's type may be called entity; if it has both, type counts;
//   - the caller may be called user or client, in any case; anybody else is the
//     agent; an element of the transcription may have several members, or be a
//     text alone;
//   - headers, payloads, messages, the caller's input and values of parameters
//     may be JSON instead of a text, and then are its text;
//   - tags, params and parameters are kept as they are, even if they are no
//     objects; the methods of the same names take what they can;
//   - an agent_id of the session itself is kept in Extra, see [Session.AgentID];
//   - a single session may come as the only hit of a page, and the answer to
//     [Client.Session] may be nothing but parameters.
//
// Nothing is lost: [Session.RawJSON] is the text as it came, and members that
// are not known are in Extra.
//
// # Encoding
//
// Sessions can be stored as JSON and read back. They are written with their fields and
// Extra, and these differences: texts for what came as numbers, and the other way
// round; type for entity; one member for each element of the transcription; times
// without a zone, in UTC, with the digits that they need; members of a step, a tag and
// a parameter that were missing as empty ones; and without what was null or empty in
// the session itself.
package vonageinsights

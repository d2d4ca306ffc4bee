package whippy_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/callinsights/callinsights-go/whippy"
	"github.com/callinsights/callinsights-go/whippy/whippytest"
)

const (
	secret   = "wk_live_4c81"
	signedAt = 1782979200 // 2026-07-02T08:00:00Z
	body     = `{"data":{"id":"c-1"},"event":"call.ended"}`
)

// These were made by another program: HMAC-SHA256 of "1782979200." and body.
const (
	macHex = "2982c43fb576ed1dddb3f1cabf7c7d92d8789644b6fd43a972a0997a51ab7beb"
	macB64 = "KYLEP7V27R3ds/HKv3x9kth4lkS2/UOpcqCZelGre+s="
)

func mac(secret, stamp, body string) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	_, _ = h.Write([]byte(stamp + "." + body))
	return h.Sum(nil)
}

func mac64(secret, stamp, body string) string {
	return base64.RawStdEncoding.EncodeToString(mac(secret, stamp, body))
}

// verifier is one whose clock stands at the time of the signature plus late.
func verifier(t testing.TB, late time.Duration, secrets ...string) *whippy.Verifier {
	t.Helper()
	if secrets == nil {
		secrets = []string{secret}
	}
	v, err := whippy.NewVerifier(secrets, whippy.WithClock(func() time.Time { return time.Unix(signedAt, 0).Add(late) }))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func signature(values ...string) http.Header {
	return http.Header{"X-Whippy-Signature": values}
}

// The form is public evidence and not documented, so each way to read it that does
// no harm is taken.
func TestVerifyAccepts(t *testing.T) {
	t.Parallel()
	raw := strings.TrimRight(macB64, "=")
	url := strings.NewReplacer("+", "-", "/", "_").Replace(macB64)
	millis := strconv.FormatInt(signedAt*1000, 10)
	other := mac64("another-secret", strconv.Itoa(signedAt), body)
	for name, header := range map[string]string{
		"hex":                                "t=1782979200,v1=" + macHex,
		"hex in capitals":                    "t=1782979200,v1=" + strings.ToUpper(macHex),
		"base64":                             "t=1782979200,v1=" + macB64,
		"base64 without padding":             "t=1782979200,v1=" + raw,
		"base64 for URLs":                    "t=1782979200,v1=" + url,
		"base64 for URLs, without padding":   "t=1782979200,v1=" + strings.TrimRight(url, "="),
		"signature first":                    "v1=" + raw + ",t=1782979200",
		"spaces":                             " t = 1782979200 , v1 = " + macHex + " ",
		"timestamp in full":                  "Timestamp=1782979200,signature=" + raw,
		"other names":                        "ts=1782979200,s=" + raw,
		"milliseconds":                       "t=" + millis + ",v1=" + mac64(secret, millis, body),
		"a zero before the time":             "t=01782979200,v1=" + mac64(secret, "01782979200", body),
		"several signatures, the last good":  "t=1782979200,v1=" + other + ",v1=" + raw,
		"several signatures, the first good": "t=1782979200,v1=" + raw + ",v0=" + other,
		"what is neither":                    "t=1782979200,key=17,note,v1=" + raw + ",",
		"a number before the time":           "id=7,t=1782979200,v1=" + raw,
		"a KiB":                              "t=1782979200,v1=" + raw + strings.Repeat(" ", 1<<10-len("t=1782979200,v1=")-len(raw)),
		"timestamp by name, not the first":   "id=7,timestamp=1782979200,v1=" + raw,
		"as many as there is room for":       "t=1782979200" + strings.Repeat(",v="+other, 20) + ",v=" + raw,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := verifier(t, 0).Verify(signature(header), []byte(body)); err != nil {
				t.Errorf("refused: %v", err)
			}
			if err := verifier(t, 0, "another", secret, "a third").Verify(signature(header), []byte(body)); err != nil {
				t.Errorf("refused with three secrets: %v", err)
			}
			checkVerify(t, verifier(t, 0, "a wrong one").Verify(signature(header), []byte(body)), whippy.ErrSignatureMismatch)
			checkVerify(t, verifier(t, 0).Verify(signature(header), []byte(body+" ")), whippy.ErrSignatureMismatch)
			// Who has no secret does not learn whether the clock is right.
			checkVerify(t, verifier(t, time.Hour, "a wrong one").Verify(signature(header), []byte(body)), whippy.ErrSignatureMismatch)
			checkVerify(t, verifier(t, time.Hour).Verify(signature(header), []byte(body)), whippy.ErrSignatureStale)
			checkVerify(t, verifier(t, -time.Hour).Verify(signature(header), []byte(body)), whippy.ErrSignatureStale)
		})
	}
}

func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	const good = "t=1782979200,v1=" + macHex
	for name, test := range map[string]struct {
		header http.Header
		want   error
	}{
		"no header":             {nil, whippy.ErrSignatureMissing},
		"another header":        {http.Header{"X-Retell-Signature": {good}}, whippy.ErrSignatureMissing},
		"empty":                 {signature(""), whippy.ErrSignatureMissing},
		"blank":                 {signature(" \t"), whippy.ErrSignatureMissing},
		"two headers":           {signature(good, good), whippy.ErrSignatureMalformed},
		"two headers, one bare": {signature(good, ""), whippy.ErrSignatureMalformed},
		"more than a KiB":       {signature(good + strings.Repeat(" ", 1<<10-len(good)+1)), whippy.ErrSignatureMalformed},
		"no pairs":              {signature("hello"), whippy.ErrSignatureMalformed},
		"no time":               {signature("v1=" + macHex), whippy.ErrSignatureMalformed},
		"no signature":          {signature("t=1782979200"), whippy.ErrSignatureMalformed},
		"an empty signature":    {signature("t=1782979200,v1="), whippy.ErrSignatureMalformed},
		"a time of words":       {signature("t=now,v1=" + macHex), whippy.ErrSignatureMalformed},
		"a negative time":       {signature("t=-1782979200,v1=" + macHex), whippy.ErrSignatureMalformed},
		"a time with a sign":    {signature("t=+1782979200,v1=" + macHex), whippy.ErrSignatureMalformed},
		"a time of 20 digits":   {signature("t=99999999999999999999,v1=" + macHex), whippy.ErrSignatureMalformed},
		"a time and more":       {signature("t=1782979200=,v1=" + macHex), whippy.ErrSignatureMalformed},
		"a fraction of a time":  {signature("t=1782979200.5,v1=" + macHex), whippy.ErrSignatureMalformed},
		"half a signature":      {signature("t=1782979200,v1=" + macHex[:32]), whippy.ErrSignatureMalformed},
		"a longer signature":    {signature("t=1782979200,v1=" + macHex + "00"), whippy.ErrSignatureMalformed},
		"no hex":                {signature("t=1782979200,v1=" + strings.Repeat("xy", 32)), whippy.ErrSignatureMalformed},
		"no base64":             {signature("t=1782979200,v1=" + strings.Repeat("*", 43)), whippy.ErrSignatureMalformed},
		"bits that are nothing": {signature("t=1782979200,v1=" + strings.Repeat("A", 42) + "B"), whippy.ErrSignatureMalformed},
		"padding within":        {signature("t=1782979200,v1=" + strings.Repeat("A", 42) + "=A"), whippy.ErrSignatureMalformed},
		"zeros":                 {signature("t=1782979200,v1=" + strings.Repeat("0", 64)), whippy.ErrSignatureMismatch},
		"another time":          {signature("t=1782979201,v1=" + macHex), whippy.ErrSignatureMismatch},
		"the time moved":        {signature("t=1782979200000,v1=" + macHex), whippy.ErrSignatureMismatch},
		// The first time counts; a second one cannot take its place.
		"a second time": {signature("t=1782979201,t=1782979200,v1=" + macHex), whippy.ErrSignatureMismatch},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkVerify(t, verifier(t, 0).Verify(test.header, []byte(body)), test.want)
		})
	}
}

// checkVerify wants that failure, and that it says nothing to who may not know.
func checkVerify(t *testing.T, err, want error) {
	t.Helper()
	for _, kind := range []error{
		whippy.ErrSignatureMissing, whippy.ErrSignatureMalformed, whippy.ErrSignatureStale, whippy.ErrSignatureMismatch,
	} {
		if errors.Is(err, kind) != (kind == want) { //nolint:errorlint // which of the four it is
			t.Errorf("got %v; want %v alone", err, want)
		}
	}
	if failed, ok := errors.AsType[*whippy.Error](err); !ok || failed.Op != "Verifier.Verify" || !errors.Is(err, whippy.ErrUnauthorized) {
		t.Errorf("got %#v; want an *Error of Verify that matches ErrUnauthorized", err)
	}
	text := strings.ToLower(fmt.Sprintf("%v %+v %#v", err, err, err))
	for _, private := range []string{secret, macHex, strings.ToLower(macB64[:40]), "c-1", "call.ended", "1782979200"} {
		if strings.Contains(text, private) {
			t.Errorf("the error holds %q: %s", private, text)
		}
	}
}

func TestTolerance(t *testing.T) {
	t.Parallel()
	const signed = "1782979200"
	for name, test := range map[string]struct {
		stamp           string
		tolerance, late time.Duration // a tolerance of 0 is the default
		fresh           bool
	}{
		"now":                          {signed, 0, 0, true},
		"five minutes late":            {signed, 0, 5 * time.Minute, true},
		"more than that":               {signed, 0, 5*time.Minute + time.Nanosecond, false},
		"five minutes early":           {signed, 0, -5 * time.Minute, true},
		"of the future":                {signed, 0, -5*time.Minute - time.Nanosecond, false},
		"a window of hours":            {signed, 6 * time.Hour, 5 * time.Hour, true},
		"past a window of hours":       {signed, 6 * time.Hour, 7 * time.Hour, false},
		"past a window of a second":    {signed, time.Second, 2 * time.Second, false},
		"further than a Duration goes": {"9223372036854775807", 0, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options := []whippy.VerifierOption{whippy.WithClock(func() time.Time { return time.Unix(signedAt, 0).Add(test.late) })}
			if test.tolerance > 0 {
				options = append(options, whippy.WithTolerance(test.tolerance))
			}
			v, err := whippy.NewVerifier([]string{secret}, options...)
			if err != nil {
				t.Fatal(err)
			}
			err = v.Verify(signature("t="+test.stamp+",v1="+mac64(secret, test.stamp, body)), []byte(body))
			if test.fresh && err != nil {
				t.Errorf("refused: %v", err)
			}
			if !test.fresh {
				checkVerify(t, err, whippy.ErrSignatureStale)
			}
		})
	}
}

// A scheme decides how a signature is read, never whether it is good.
func TestScheme(t *testing.T) {
	t.Parallel()
	errOwn := errors.New("want v and d")
	now := time.Unix(signedAt, 0)
	ours := func(h http.Header, body []byte) (whippy.Signature, error) {
		switch text := h.Get("X-Other"); text {
		case "":
			return whippy.Signature{}, whippy.ErrSignatureMissing
		case "bad":
			return whippy.Signature{}, errOwn
		default:
			sum, _ := hex.DecodeString(strings.TrimPrefix(text, "timeless "))
			s := whippy.Signature{Signed: [][]byte{[]byte("v2:"), body}, MACs: [][]byte{nil, sum}, At: now}
			if strings.HasPrefix(text, "timeless ") {
				s.At = time.Time{}
			}
			return s, nil
		}
	}
	v, err := whippy.NewVerifier([]string{secret}, whippy.WithScheme(ours), whippy.WithClock(func() time.Time { return now }))
	if err != nil {
		t.Fatal(err)
	}
	h := hmac.New(sha256.New, []byte(secret))
	_, _ = h.Write([]byte("v2:" + body))
	good := hex.EncodeToString(h.Sum(nil))
	for name, test := range map[string]struct {
		header string
		want   error
		cause  error // the scheme's own
	}{
		"good":     {good, nil, nil},
		"missing":  {"", whippy.ErrSignatureMissing, nil},
		"bad":      {"bad", whippy.ErrSignatureMalformed, errOwn},
		"mismatch": {strings.Repeat("00", 32), whippy.ErrSignatureMismatch, nil},
		"no MAC":   {"zz", whippy.ErrSignatureMismatch, nil},
		"no time":  {"timeless " + good, whippy.ErrSignatureStale, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := v.Verify(http.Header{"X-Other": {test.header}}, []byte(body))
			if test.want == nil {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			checkVerify(t, err, test.want)
			if test.cause != nil && (!errors.Is(err, test.cause) || !strings.Contains(err.Error(), test.cause.Error())) {
				t.Errorf("got %v; want the scheme's own error as its cause", err)
			}
		})
	}
}

// Several libraries accept an unsigned request where their secret is empty, as the
// MAC with an empty key is everybody's to make.
func TestNewVerifierRefuses(t *testing.T) {
	t.Parallel()
	one := []string{secret}
	for name, test := range map[string]struct {
		secrets []string
		option  whippy.VerifierOption
		want    string
	}{
		"no secrets":            {nil, whippy.WithTolerance(1), "there is no secret"},
		"an empty list":         {[]string{}, whippy.WithTolerance(1), "there is no secret"},
		"an empty secret":       {[]string{""}, whippy.WithTolerance(1), "secret 1 is empty"},
		"a blank secret":        {[]string{secret, "  "}, whippy.WithTolerance(1), "secret 2 is empty"},
		"the line of a file":    {[]string{secret + "\n"}, whippy.WithTolerance(1), "secret 1 is empty, or begins or ends with white space"},
		"no tolerance":          {one, whippy.WithTolerance(0), "WithTolerance: 0s"},
		"a negative one":        {one, whippy.WithTolerance(-time.Second), "WithTolerance: -1s"},
		"no clock":              {one, whippy.WithClock(nil), "WithClock: the function is nil"},
		"no scheme":             {one, whippy.WithScheme(nil), "WithScheme: the function is nil"},
		"an option that is nil": {one, nil, "option 1 is nil"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, err := whippy.NewVerifier(test.secrets, test.option)
			if v != nil || !errors.Is(err, whippy.ErrInvalidRequest) {
				t.Fatalf("got %v, %v; want ErrInvalidRequest", v, err)
			}
			if text := err.Error(); !strings.HasPrefix(text, "whippy: NewVerifier: "+test.want) || strings.Contains(text, secret) {
				t.Errorf("got %q; want %q", text, test.want)
			}
		})
	}
	for name, v := range map[string]*whippy.Verifier{"nil": nil, "zero": new(whippy.Verifier)} {
		t.Run(name+" accepts nothing", func(t *testing.T) {
			t.Parallel()
			checkVerify(t, v.Verify(signature("t=1782979200,v1="+hex.EncodeToString(mac("", "1782979200", body))), []byte(body)), whippy.ErrSignatureMismatch)
		})
	}
}

// However a verifier, an option or a handler that has one is printed, no secret
// shows.
func TestVerifierShowsNothing(t *testing.T) {
	t.Parallel()
	v := verifier(t, 0)
	h, err := whippy.NewEventHandler(ignore, whippy.WithVerifier(v))
	if err != nil {
		t.Fatal(err)
	}
	holders := []any{v, *v, h, *h, whippy.WithVerifier(v), struct{ inner *whippy.Verifier }{v}, struct{ inner whippy.Verifier }{*v}}
	var out strings.Builder
	for _, holder := range holders {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%t", "%p"} {
			fmt.Fprintf(&out, verb, holder)
		}
		text, _ := json.Marshal(holder)
		out.Write(text)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", slog.Any("v", holder))
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", slog.Any("v", holder))
	}
	for _, form := range []string{secret, hex.EncodeToString([]byte(secret)), fmt.Sprintf("%d", []byte(secret)), base64.RawStdEncoding.EncodeToString([]byte(secret))[:14]} {
		if strings.Contains(out.String(), form) {
			t.Errorf("the secret shows as %q", form)
		}
	}
}

// What verifies was signed with the secret, over these very bytes and lately; what
// was signed so verifies; and no change of the body does.
func FuzzVerify(f *testing.F) {
	f.Add("t=1782979200,v1="+macHex, body, uint16(3))
	f.Add("t=1782979200,v1="+macB64, body, uint16(0))
	f.Add("x=1,timestamp = 1782979200000,v=,v==,,s="+strings.Repeat("A", 43)+"=", "{}", uint16(9))
	f.Add("1782979200=1782979200", "", uint16(1))
	f.Fuzz(func(t *testing.T, header, body string, at uint16) {
		v := verifier(t, 0)
		if v.Verify(signature(header), []byte(body)) == nil && !wasSigned(header, body) {
			t.Errorf("accepted %q, which nobody signed", header)
		}
		stamp := strconv.Itoa(signedAt - 300 + int(at)%601)
		good := "t=" + stamp + ",v1=" + mac64(secret, stamp, body)
		if err := v.Verify(signature(good), []byte(body)); err != nil {
			t.Errorf("refused what was signed: %v", err)
		}
		// Whatever is added to a header does not make it good for another body.
		changed := []byte(body + "x")
		changed[int(at)%len(changed)] ^= 1 + byte(at>>8)%255
		for _, h := range []string{good, good + "," + header, header + "," + good} {
			if !wasSigned(header, string(changed)) && v.Verify(signature(h), changed) == nil {
				t.Errorf("accepted a changed body with %q", h)
			}
		}
	})
}

// wasSigned reports in another way than the package's whether a header holds a
// fresh signature of body: a time, and somewhere in it the MAC for that.
func wasSigned(header, body string) bool {
	loose := strings.NewReplacer("-", "+", "_", "/").Replace(header)
	for _, stamp := range strings.FieldsFunc(header, func(r rune) bool { return r < '0' || r > '9' }) {
		n, err := strconv.ParseInt(stamp, 10, 64)
		if err != nil {
			continue
		}
		if n >= 100_000_000_000 {
			n /= 1000
		}
		sum := mac(secret, stamp, body)
		if n >= signedAt-301 && n <= signedAt+301 && (strings.Contains(strings.ToLower(header), hex.EncodeToString(sum)) ||
			strings.Contains(loose, base64.RawStdEncoding.EncodeToString(sum))) {
			return true
		}
	}
	return false
}

// The kit signs what it makes as the package reads it.
func TestKitSigns(t *testing.T) {
	t.Parallel()
	at := time.Unix(signedAt, 0)
	for name, test := range map[string]struct {
		options []whippytest.RequestOption
		next    error // with the next key
	}{
		"plain":        {nil, whippy.ErrSignatureMismatch},
		"hex":          {[]whippytest.RequestOption{whippytest.EncodedAs(hex.EncodeToString)}, whippy.ErrSignatureMismatch},
		"padded":       {[]whippytest.RequestOption{whippytest.EncodedAs(base64.URLEncoding.EncodeToString)}, whippy.ErrSignatureMismatch},
		"milliseconds": {[]whippytest.RequestOption{whippytest.InMilliseconds()}, whippy.ErrSignatureMismatch},
		"signature first": {
			[]whippytest.RequestOption{whippytest.SignatureFirst(), whippytest.EncodedAs(base64.StdEncoding.EncodeToString)},
			whippy.ErrSignatureMismatch,
		},
		"two": {[]whippytest.RequestOption{whippytest.AlsoSignedWith("the next key")}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := whippytest.NewRequest(secret, []byte(body), append(test.options, whippytest.SignedAt(at))...)
			if err := verifier(t, 0).Verify(req.Header, []byte(body)); err != nil {
				t.Error(err)
			}
			if err := verifier(t, 0, "the next key").Verify(req.Header, []byte(body)); !errors.Is(err, test.next) {
				t.Errorf("with the next key: got %v; want %v", err, test.next)
			}
		})
	}
}

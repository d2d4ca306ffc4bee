package auth

import (
	"errors"
	"strings"
	"unicode"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/fault"
	"github.com/callinsights/callinsights-go/internal/opaque"
)

const maxCredential = 4 << 10

// Credential checks a credential that a user gave, and takes off the space
// around it: a file that it was read from ends with a newline. name says what
// it is, such as "API key". The error matches
// [callinsights.ErrInvalidRequest] and does not quote the value.
func Credential(name, value string) (opaque.Secret, error) {
	value = strings.TrimSpace(value)
	if why := credentialFault(value); why != "" {
		return opaque.Secret{}, fault.New("the "+name+" "+why, callinsights.ErrInvalidRequest)
	}
	return opaque.NewSecret(value), nil
}

func credentialFault(value string) string {
	switch {
	case value == "":
		return "is empty"
	case len(value) > maxCredential:
		return "is longer than 4 KiB"
	case strings.ContainsFunc(value, unicode.IsControl):
		return "holds a newline or another control character; was more than the value copied?"
	default:
		return ""
	}
}

const maxToken = 8 << 10

// checkToken refuses an access token that a header cannot carry.
func checkToken(value string) error {
	switch {
	case value == "":
		return errors.New("the answer holds no access token")
	case len(value) > maxToken:
		return errors.New("the access token is longer than 8 KiB")
	case strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' }):
		return errors.New("the access token holds characters that a header cannot carry")
	default:
		return nil
	}
}

// checkType refuses a token that is not sent as a bearer.
func checkType(tokenType string) error {
	if tokenType != "" && !strings.EqualFold(tokenType, "bearer") {
		return errors.New("the token is not a bearer token")
	}
	return nil
}

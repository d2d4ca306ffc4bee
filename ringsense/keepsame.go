package ringsense

import (
	"net/url"
	"slices"
	"strings"
)

// sameAddress does not mind how the letters of the host are written.
func sameAddress(a, b string) bool {
	urlA, errA := url.Parse(a)
	urlB, errB := url.Parse(b)
	if errA != nil || errB != nil || !strings.EqualFold(urlA.Host, urlB.Host) {
		return a == b
	}
	urlA.Host = urlB.Host
	return urlA.String() == urlB.String()
}

// sameFilters reports whether two sets of filters are the same, where the
// service may have put an id in the place of "~".
func sameFilters(a, b []string) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(filter string) bool {
		return !slices.ContainsFunc(b, func(other string) bool { return sameFilter(filter, other) })
	})
}

func sameFilter(a, b string) bool {
	pathA, queryA, _ := strings.Cut(a, "?")
	pathB, queryB, _ := strings.Cut(b, "?")
	partsA, partsB := strings.Split(pathA, "/"), strings.Split(pathB, "/")
	return len(partsA) == len(partsB) && sameQuery(queryA, queryB) &&
		slices.EqualFunc(partsA, partsB, func(x, y string) bool { return x == y || x == "~" || y == "~" })
}

// sameQuery does not mind the order of the parameters.
func sameQuery(a, b string) bool {
	valuesA, errA := url.ParseQuery(a)
	valuesB, errB := url.ParseQuery(b)
	return a == b || errA == nil && errB == nil && valuesA.Encode() == valuesB.Encode()
}

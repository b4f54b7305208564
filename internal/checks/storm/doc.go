// Package storm has one test: operations of all kinds, at random, on services, trees, pools
// and topics, with values among them that misbehave. It contains no other code.
package storm

/** Imported first: from now on servers of this process have two acceptors. */
process.env['ANNULUS_TEST_ACCEPTORS'] = '2'
